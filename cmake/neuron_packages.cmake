# Debian packages, made by `cpack` in the build folder of a build whose prefix is /usr: one for each
# install component, so that whatever is installed into a component is in its package. What stands in
# them is said in docs/packages.md.
set(NEURON_PACKAGE_MAINTAINER "neuronrun maintainers <maintainers@neuronrun.invalid>"
    CACHE STRING "Maintainer of the Debian packages: Name <address>")
set(NEURON_PACKAGE_HOMEPAGE "" CACHE STRING "Homepage of the Debian packages; empty for none")
mark_as_advanced(NEURON_PACKAGE_MAINTAINER NEURON_PACKAGE_HOMEPAGE)

# What dpkg owns is changed by dpkg alone.
install(CODE [[
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND "$ENV{DESTDIR}" STREQUAL "")
    message(FATAL_ERROR "/usr belongs to the system's packages: give --prefix, or make packages of "
        "the build with cpack and install those (docs/packages.md)")
endif()]] ALL_COMPONENTS)

# cpack packs what was built: to go through every test first, for nothing, takes longer than to pack.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_NAME neuron)
set(CPACK_PACKAGE_VENDOR neuronrun)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_COMPONENTS_ALL runtime dev tools)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(soversion ${PROJECT_VERSION_MAJOR})
set(debian_version ${PROJECT_VERSION}-1)
set(CPACK_DEBIAN_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${NEURON_PACKAGE_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "${NEURON_PACKAGE_HOMEPAGE}")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(purpose "Runs trained models that are compiled for fixed shapes, each on CPU cores that
belong to one process, and cuts batches over these cores.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libneuron${soversion})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "compiled models on owned CPU cores - shared libraries
${purpose}

This package has libneuron_runtime (cores, models, runs), libneuron_dp (batches
over cores), libnrt (the C interface of the Neuron runtime), and the program
that isolated replicas run in.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libneuron-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libneuron${soversion} (= ${debian_version})")
set(CPACK_DEBIAN_DEV_DESCRIPTION "compiled models on owned CPU cores - development files
${purpose}

This package has what programs in C are built with: the headers, the CMake
package neuron, and files for pkg-config.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME neuron-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
# The programs hold our libraries, but for the one that isolated replicas run in. Jobs on several
# hosts are started by what the cluster has.
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "libneuron${soversion} (= ${debian_version})")
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "openmpi-bin, slurm-client")
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "compiled models on owned CPU cores - programs
${purpose}

This package has the programs that launch ranks on core ranges of their own,
compile and measure models, score files of rows, and show what cores do, with
their manual pages, the documents that these point to, and completions for
bash and zsh.")

# The lists of exported symbols: programs linked with a library depend on the version that has all
# that they call. Those who do not read them learn the package of each library.
set(symbols_file ${PROJECT_BINARY_DIR}/debian/symbols)
set(shlibs_file ${PROJECT_BINARY_DIR}/debian/shlibs)
file(GLOB symbol_lists CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/abi/*.symbols)
set(symbols "")
set(shlibs "")
foreach(list IN LISTS symbol_lists)
    file(READ ${list} text)
    string(APPEND symbols "${text}")
    if(NOT text MATCHES "^([a-z_]+)\\.so\\.([0-9]+) ")
        message(FATAL_ERROR "${list} does not begin with a soname: .ci/check_symbols.sh --update")
    endif()
    string(APPEND shlibs "${CMAKE_MATCH_1} ${CMAKE_MATCH_2} libneuron${soversion}"
        " (>= ${PROJECT_VERSION})\n")
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
endforeach()
file(WRITE ${symbols_file} "${symbols}")
file(WRITE ${shlibs_file} "${shlibs}")
set(triggers_file ${PROJECT_BINARY_DIR}/debian/triggers)
file(WRITE ${triggers_file} "activate-noawait ldconfig\n")
file(CHMOD ${symbols_file} ${shlibs_file} ${triggers_file} PERMISSIONS
    OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${symbols_file} ${shlibs_file} ${triggers_file})

# Read by cpack: what makes the same bytes of the same source, and what Debian wants in addition.
set(CPACK_NEURON_SOURCE_DIR ${PROJECT_SOURCE_DIR})
set(CPACK_NEURON_ARCHITECTURE ${CMAKE_LIBRARY_ARCHITECTURE})
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/neuron_packages_time.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/neuron_packages_stage.cmake)
include(CPack)
