# The environment of every test: packed weights stay in the build folder, isolated replicas run in
# the program built here, and sanitizers keep the signals that cmocka would take.
set(NEURON_TEST_ENVIRONMENT
    "NEURON_COMPILE_CACHE_URL=${PROJECT_BINARY_DIR}/cache"
    "NEURON_EXECUTOR_PATH=${PROJECT_BINARY_DIR}/dp/neuron-executor"
    "ASAN_OPTIONS=handle_segv=2:handle_abort=2:handle_sigfpe=2"
    "UBSAN_OPTIONS=print_stacktrace=1"
    "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp"
    "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp")

# neuron_test(NAME [CORES] [THREADS] LIBRARIES...): NAME_test.c as one program and one test. CORES
# marks those that claim or pin real cores; they run one at a time, and begin first, so that the others
# run beside them and not before. THREADS marks those in which several threads work: ThreadSanitizer
# runs them alone, built by the target threaded_tests.
add_custom_target(threaded_tests)
function(neuron_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "CORES;THREADS" "" "")
    add_executable(${name}_test ${name}_test.c)
    set_target_properties(${name}_test PROPERTIES C_EXTENSIONS OFF)
    target_compile_definitions(${name}_test PRIVATE _GNU_SOURCE)
    target_link_libraries(${name}_test PRIVATE check neuron_build_flags ${arg_UNPARSED_ARGUMENTS})
    add_test(NAME unit/${name} COMMAND ${name}_test)
    set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 60 SKIP_RETURN_CODE 77
        ENVIRONMENT "${NEURON_TEST_ENVIRONMENT}")
    if(arg_CORES)
        set_tests_properties(unit/${name} PROPERTIES RESOURCE_LOCK cores COST 1000)
    endif()
    if(arg_THREADS)
        set_tests_properties(unit/${name} PROPERTIES LABELS "unit;threads")
        add_dependencies(threaded_tests ${name}_test)
    endif()
endfunction()

# neuron_script_test(NAME [CORES] [TIMEOUT seconds]): NAME.sh as one acceptance test. The script
# gets the folder of the built programs in NEURON_BUILD and that of the source in NEURON_SOURCE. Those
# that may take longest begin first, so that none of them is left alone at the end.
function(neuron_script_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "CORES" "TIMEOUT" "")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    add_test(NAME acceptance/${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/${name}.sh)
    set_tests_properties(acceptance/${name} PROPERTIES LABELS acceptance TIMEOUT ${arg_TIMEOUT}
        COST ${arg_TIMEOUT} SKIP_RETURN_CODE 77 ENVIRONMENT
        "${NEURON_TEST_ENVIRONMENT};NEURON_BUILD=${PROJECT_BINARY_DIR};NEURON_SOURCE=${PROJECT_SOURCE_DIR}")
    if(arg_CORES)
        set_tests_properties(acceptance/${name} PROPERTIES RESOURCE_LOCK cores COST 1000)
    endif()
endfunction()
