# What test adds to the build.
