//! Runs the command, in an environment of its own.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::folder::Folder;
use wechatpay_sandbox::Sandbox;

/// A user's home: an empty folder in which commands run, and variables that they see.
pub struct Home {
    pub folder: Folder,
    variables: Vec<(String, String)>,
}

/// What a command has printed, and its exit code.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    pub fn new(name: &str) -> Home {
        Home { folder: Folder::new(name), variables: Vec::new() }
    }

    /// A home whose variables have all the settings of a merchant of this sandbox; keys and certificates are files of the folder.
    pub fn of(name: &str, sandbox: &Sandbox) -> Home {
        let mut home = Home::new(name);
        let files = [
            ("key.pem", sandbox.merchant_private_key_pem()),
            ("cert.pem", sandbox.merchant_certificate_pem()),
            ("platform.pem", sandbox.platform_public_key_pem()),
            ("apiv3.key", sandbox.apiv3_key()),
            ("apiv2.key", sandbox.secret()),
        ];
        files.iter().for_each(|(name, text)| home.write(name, text));
        let file = |name: &str| format!("file://{}", home.path(name));
        let certs = format!("{}={}", sandbox.platform_serial(), home.path("platform.pem"));
        let mut variables = vec![
            ("WECHATPAY_MCHID", sandbox.mchid().to_owned()),
            ("WECHATPAY_SERIAL", sandbox.merchant_serial().to_owned()),
            ("WECHATPAY_PRIVATE_KEY", file("key.pem")),
            ("WECHATPAY_CERTS", certs),
            ("WECHATPAY_APIV3_KEY", file("apiv3.key")),
            ("WECHATPAY_SECRET", file("apiv2.key")),
            ("WECHATPAY_MERCHANT_CERT", file("cert.pem")),
            ("WECHATPAY_BASE_URI", sandbox.base_uri().to_owned()),
        ];
        if let Some(ca) = sandbox.ca_file() {
            variables.push(("WECHATPAY_VERIFY", ca.display().to_string()));
        }
        home.variables.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
        home
    }

    /// The path of a file of the folder.
    pub fn path(&self, name: &str) -> String {
        self.folder.file(name).display().to_string()
    }

    /// Writes a file that only its owner can read.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// Sets a variable, or with an empty value takes it away.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// The command, not run yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wechatpay"));
        command.args(arguments).current_dir(self.folder_path()).env_clear();
        command.env("HOME", self.folder_path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("WECHATPAY_SANDBOX_STATE", self.path("sandbox.json"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn folder_path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the command to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    /// The same, with something on standard input.
    pub fn run_with(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It need not read it.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Run::of(child.wait_with_output().unwrap())
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().expect("it ends by itself");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        assert!(!stderr.contains("panicked"), "{stderr}");
        Run { code, stdout, stderr }
    }

    /// Asserts that it has ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.stdout.parse().unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Asserts that standard error has this.
    #[track_caller]
    pub fn says(self, text: &str) -> Run {
        assert!(self.stderr.contains(text), "{text:?} is not in: {}", self.stderr);
        self
    }
}

/// Runs a command on a terminal of its own, on which this is typed; `None` where there is no `script` of util-linux.
pub fn on_a_terminal(home: &Home, arguments: &[&str], typed: &str) -> Option<Run> {
    let version = Command::new("script").arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&version.stdout).contains("util-linux") {
        eprintln!("skipped: there is no script of util-linux");
        return None;
    }
    let quoted = |word: &&str| format!("'{}'", word.replace('\'', r"'\''"));
    let line: Vec<_> = [env!("CARGO_BIN_EXE_wechatpay")].iter().chain(arguments).map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["-qec", &line.join(" "), "/dev/null"]).current_dir(home.folder.path()).env_clear();
    let command = home.command(&[]);
    script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
    Some(Run::of(child.wait_with_output().unwrap()))
}
