# Every outside library, from Debian packages, found in this one file.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(HWLOC REQUIRED IMPORTED_TARGET hwloc>=2.9)
pkg_check_modules(ZMQ REQUIRED libzmq>=4.3)
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c>=1.4)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash>=0.8)
pkg_check_modules(PMIX REQUIRED IMPORTED_TARGET pmix>=4.1)
pkg_check_modules(NCURSES REQUIRED IMPORTED_TARGET ncursesw>=6)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib>=1.2.11)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)

# Whether xxHash has code for each kind of x86 processor, and takes the fastest; without it sums are
# made by what all of them have, at a third of the speed.
include(CheckSymbolExists)
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::XXHASH)
check_symbol_exists(XXH3_64bits_update_dispatch xxh_x86dispatch.h NEURON_XXHASH_DISPATCHES)
unset(CMAKE_REQUIRED_LIBRARIES)

# Only zmq.h is used. ZeroMQ's flags name the folders of its own libraries' headers, in an order that
# changes from the first configuration to the second, which would build everything anew.
add_library(neuron_zmq INTERFACE)
target_link_libraries(neuron_zmq INTERFACE ${ZMQ_LINK_LIBRARIES})

# oneDNN's own CMake file asks for the OpenCL headers, which only its GPU part needs.
find_path(DNNL_INCLUDE_FOLDER oneapi/dnnl/dnnl.h REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
add_library(neuron_dnnl INTERFACE)
target_include_directories(neuron_dnnl SYSTEM INTERFACE ${DNNL_INCLUDE_FOLDER})
target_link_libraries(neuron_dnnl INTERFACE ${DNNL_LIBRARY})
# Debian's oneDNN runs on GCC's OpenMP, whose team size the engine sets to one.
find_library(GOMP_LIBRARY NAMES libgomp.so.1 REQUIRED)

find_program(PROTOC_C protoc-c REQUIRED)
if(NEURON_TESTS)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka>=1.1.5)
    pkg_check_modules(OMPI IMPORTED_TARGET ompi-c)
endif()
