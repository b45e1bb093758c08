# neuron_library(NAME HEADER_DIR dir HEADERS ... SOURCES ... [GENERATED_OBJECTS ...]
#                PRIVATE_LIBRARIES ... [PUBLIC_LIBRARIES ...])
# One set of objects, two libraries: NAME, shared with hidden symbols (installed as neuron::NAME),
# and NAME_static, in which tests and our own programs reach the internals.
function(neuron_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER_DIR"
                          "HEADERS;SOURCES;GENERATED_OBJECTS;PRIVATE_LIBRARIES;PUBLIC_LIBRARIES")
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
    target_link_libraries(${name} PRIVATE
        $<BUILD_INTERFACE:neuron_build_flags> ${arg_PRIVATE_LIBRARIES})
    set_target_properties(${name} PROPERTIES
        OUTPUT_NAME neuron_${name} VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
        LINKER_LANGUAGE C VERIFY_INTERFACE_HEADER_SETS ON)
    target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${arg_HEADER_DIR}
        FILES ${arg_HEADERS})
    if(NOT NEURON_SANITIZE)
        # A sanitizer's own symbols come with the program.
        target_link_options(${name} PRIVATE -Wl,--no-undefined)
    endif()
    foreach(library IN LISTS arg_PUBLIC_LIBRARIES)
        string(REPLACE "_static" "" shared ${library})
        target_link_libraries(${name} PUBLIC ${shared})
    endforeach()

    add_library(${name}_static STATIC $<TARGET_OBJECTS:${name}_objects>
        ${arg_GENERATED_OBJECTS})
    target_include_directories(${name}_static
        PUBLIC ${arg_HEADER_DIR} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(${name}_static PUBLIC ${arg_PUBLIC_LIBRARIES} ${arg_PRIVATE_LIBRARIES}
        neuron_build_flags)
    set_target_properties(${name}_static PROPERTIES LINKER_LANGUAGE C)

    neuron_install_library(${name})
endfunction()

# neuron_program(NAME SOURCES ... LIBRARIES ...): an installed program. It links our libraries
# statically, so that it starts fast and runs from the build folder as it is.
function(neuron_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
    add_executable(${name} ${arg_SOURCES})
    set_target_properties(${name} PROPERTIES C_EXTENSIONS OFF)
    target_link_libraries(${name} PRIVATE neuron_build_flags ${arg_LIBRARIES})
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
endfunction()
