# neuron_library(NAME HEADER_DIR dir HEADERS ... SOURCES ... [GENERATED_OBJECTS ...]
#                [PRIVATE_LIBRARIES ...] [PUBLIC_LIBRARIES ...]
#                [OUTPUT_NAME name] [SOVERSION number] [EXPORTS file])
# One set of objects, two libraries: NAME, shared with hidden symbols (installed as neuron::NAME),
# and NAME_static, in which tests and our own programs reach the internals. A library of ours that
# they need is named by its static one.
# OUTPUT_NAME  of the files; else neuron_NAME.
# SOVERSION    else the project's major version.
# EXPORTS      a linker's version script that says what is not hidden, for a library whose headers,
#              being those of others, do not.
function(neuron_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER_DIR;OUTPUT_NAME;SOVERSION;EXPORTS"
                          "HEADERS;SOURCES;GENERATED_OBJECTS;PRIVATE_LIBRARIES;PUBLIC_LIBRARIES")
    if(NOT arg_OUTPUT_NAME)
        set(arg_OUTPUT_NAME neuron_${name})
    endif()
    if(NOT arg_SOVERSION)
        set(arg_SOVERSION ${PROJECT_VERSION_MAJOR})
    endif()
    # What the shared library links in place of the static ones that the objects see.
    string(REPLACE "_static" "" shared_private "${arg_PRIVATE_LIBRARIES}")
    string(REPLACE "_static" "" shared_public "${arg_PUBLIC_LIBRARIES}")

    add_library(${name}_objects OBJECT ${arg_SOURCES})
    set_target_properties(${name}_objects PROPERTIES
        POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden C_EXTENSIONS OFF)
    target_include_directories(${name}_objects
        PUBLIC ${arg_HEADER_DIR} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(${name}_objects PRIVATE neuron_build_flags ${arg_PRIVATE_LIBRARIES}
        PUBLIC ${arg_PUBLIC_LIBRARIES})

    add_library(${name} SHARED ${arg_GENERATED_OBJECTS})
    add_library(neuron::${name} ALIAS ${name})
    # The objects as files, not as a library to link: that one would bring the static libraries that
    # it was compiled against into the shared one.
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:${name}_objects>)
    target_link_libraries(${name} PUBLIC ${shared_public}
        PRIVATE $<BUILD_INTERFACE:neuron_build_flags> ${shared_private})
    # Installed, it finds its neighbours, so that a program need not name these to the linker.
    set_target_properties(${name} PROPERTIES
        OUTPUT_NAME ${arg_OUTPUT_NAME} VERSION ${PROJECT_VERSION} SOVERSION ${arg_SOVERSION}
        LINKER_LANGUAGE C VERIFY_INTERFACE_HEADER_SETS ON INSTALL_RPATH "$ORIGIN")
    target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${arg_HEADER_DIR}
        FILES ${arg_HEADERS})
    if(NOT NEURON_SANITIZE)
        # A sanitizer's own symbols come with the program.
        target_link_options(${name} PRIVATE -Wl,--no-undefined)
    endif()
    if(arg_EXPORTS)
        set_target_properties(${name}_objects PROPERTIES C_VISIBILITY_PRESET default)
        set_target_properties(${name} PROPERTIES LINK_DEPENDS ${arg_EXPORTS})
        target_link_options(${name} PRIVATE -Wl,--version-script=${arg_EXPORTS})
    endif()

    add_library(${name}_static STATIC $<TARGET_OBJECTS:${name}_objects>
        ${arg_GENERATED_OBJECTS})
    target_include_directories(${name}_static
        PUBLIC ${arg_HEADER_DIR} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(${name}_static PUBLIC ${arg_PUBLIC_LIBRARIES} ${arg_PRIVATE_LIBRARIES}
        neuron_build_flags)
    set_target_properties(${name}_static PROPERTIES LINKER_LANGUAGE C)

    neuron_install_library(${name} ${arg_OUTPUT_NAME} "${shared_public}" "${shared_private}")
endfunction()

# neuron_program(NAME SOURCES ... LIBRARIES ... [DESTINATION folder] [COMPONENT name]): an installed
# program, of the user's unless a folder is named, and part of the tools unless a component is. It links our libraries statically, so that it starts fast and
# runs from the build folder as it is.
function(neuron_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESTINATION;COMPONENT" "SOURCES;LIBRARIES")
    if(NOT arg_DESTINATION)
        set(arg_DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
    if(NOT arg_COMPONENT)
        set(arg_COMPONENT tools)
    endif()
    add_executable(${name} ${arg_SOURCES})
    set_target_properties(${name} PROPERTIES C_EXTENSIONS OFF)
    target_link_libraries(${name} PRIVATE neuron_build_flags ${arg_LIBRARIES})
    install(TARGETS ${name} RUNTIME DESTINATION ${arg_DESTINATION} COMPONENT ${arg_COMPONENT})
endfunction()
