# What a builder may choose. Presets set these; a plain configure gets the defaults.
include(GNUInstallDirs)

option(NEURON_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(NEURON_WERROR "Make warnings errors" OFF)
option(NEURON_FUZZ "Build the fuzz targets (clang)" OFF)
set(NEURON_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined")

if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# Warnings and sanitizers of our own code: linked PRIVATE, so that no consumer inherits them.
add_library(neuron_build_flags INTERFACE)
target_compile_features(neuron_build_flags INTERFACE c_std_11)
target_compile_options(neuron_build_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -Wformat=2 -Wcast-qual -Wundef -Wswitch-enum -fno-common
    $<$<BOOL:${NEURON_WERROR}>:-Werror>)
if(NEURON_SANITIZE)
    target_compile_options(neuron_build_flags INTERFACE
        -fsanitize=${NEURON_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(neuron_build_flags INTERFACE -fsanitize=${NEURON_SANITIZE})
    if(NEURON_SANITIZE MATCHES "undefined")
        target_compile_options(neuron_build_flags INTERFACE -fno-sanitize-recover=undefined)
    endif()
endif()
if(NEURON_FUZZ)
    # Without coverage in the libraries themselves the fuzzer is blind. In the tests, which it does not
    # run, coverage only takes time: folders set NEURON_COVERAGE, for themselves and what lies below.
    define_property(TARGET PROPERTY NEURON_COVERAGE INHERITED)
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTY NEURON_COVERAGE ON)
    target_compile_options(neuron_build_flags INTERFACE
        $<$<BOOL:$<TARGET_PROPERTY:NEURON_COVERAGE>>:-fsanitize=fuzzer-no-link>)
endif()
# What is built knows no folder of the machine that builds it, so that the same source gives the same
# bytes. Debuggers want the paths.
target_compile_options(neuron_build_flags INTERFACE
    $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build>
    $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
# Only libraries that a program really calls: the launcher starts without loading an engine.
target_link_options(neuron_build_flags INTERFACE -Wl,--as-needed)
