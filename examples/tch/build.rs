//! Links the CUDA part of libtorch where there is one.
//!
//! Nothing in the program names a symbol of it: its kernels register themselves when it is loaded. A linker
//! that drops libraries that are not needed would drop it, and with it every GPU.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for name in ["LIBTORCH_LIB", "LIBTORCH"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    let Some(root) = env::var_os("LIBTORCH_LIB").or_else(|| env::var_os("LIBTORCH")) else {
        return;
    };
    let folder = PathBuf::from(root).join("lib");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux")
        && folder.join("libtorch_cuda.so").exists()
    {
        println!("cargo:rustc-link-arg=-Wl,--no-as-needed");
        println!("cargo:rustc-link-arg=-L{}", folder.display());
        println!("cargo:rustc-link-arg=-ltorch_cuda");
        println!("cargo:rustc-link-arg=-ltorch");
    }
}
