//! A user's program: a package of its own that depends on the library, built by the cargo that builds the tests.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The first run compiles the library and what it depends on.
const LONGEST: Duration = Duration::from_secs(600);

/// The package, in a folder of its own.
pub struct Program {
    folder: PathBuf,
    target: PathBuf,
}

/// What cargo said in the end.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// Writes the package: `sources` by their paths in `src`. `tmp` is `CARGO_TARGET_TMPDIR`; all packages in there share
    /// what they depend on, so that the next run compiles the program alone.
    pub fn write(tmp: &str, name: &str, sources: &[(&str, String)]) -> Program {
        Program::with_features(tmp, name, &[], sources)
    }

    /// The same with these features of the library.
    pub fn with_features(tmp: &str, name: &str, features: &[&str], sources: &[(&str, String)]) -> Program {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let tmp = Path::new(tmp);
        let folder = tmp.join(name);
        for (path, source) in sources {
            let path = folder.join("src").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, source).unwrap();
        }
        let manifest = format!(
            "[package]\nname = {name:?}\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nanyhow = \"1\"\nwechatpay-chain = {{ path = {:?}, features = {features:?} }}\n\n\
             [profile.dev]\ndebug = false\n",
            library.display().to_string()
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // The versions that are tested everywhere else, which are there: nothing is fetched.
        fs::copy(library.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Program { folder, target: tmp.join("programs") }
    }

    /// What `cargo build` makes of it.
    pub fn executable(&self) -> PathBuf {
        let name = self.folder.file_name().unwrap();
        self.target.join("debug").join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Runs `cargo` with these arguments.
    pub fn cargo(&self, arguments: &[&str]) -> Ended {
        let (stdout, stderr) = (self.folder.join("stdout"), self.folder.join("stderr"));
        let mut cargo = Command::new(env!("CARGO"))
            .args(arguments)
            .args(["--offline", "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CARGO_BUILD_TARGET")
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        let start = Instant::now();
        let status = loop {
            if let Some(status) = cargo.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > LONGEST {
                let _ = cargo.kill();
                panic!("cargo did not end within {LONGEST:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let read = |path| fs::read_to_string(path).unwrap();
        Ended { status, stdout: read(stdout), stderr: read(stderr) }
    }
}
