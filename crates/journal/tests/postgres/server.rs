//! PostgreSQL itself, as Debian packages it: a server of its own in a temporary folder, which ends with the test program.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio, exit};
use std::sync::{Arc, Mutex, OnceLock};

/// Keeps the server: does what it is told to, and answers each word; when there is nobody to tell it any more, it stops the
/// server and removes the folder. The limit is that of a small disk for the data, which needs root to be made.
const KEEPER: &str = r#"
set -eu
binaries=$1 limit=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/wechatpay-postgres-XXXXXX")
clean() {
  if [ -n "$limit" ]; then umount "$folder/data" || true; fi
  rm -rf "$folder"
}
trap clean EXIT
mkdir "$folder/data" "$folder/socket"
touch "$folder/log"
if [ -n "$limit" ]; then mount -t tmpfs -o "size=$limit" tmpfs "$folder/data"; fi
as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  chown -R postgres "$folder"
  as_user() { setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; }
fi
as_user "$binaries/initdb" -D "$folder/data/db" --auth=trust --username=shop --encoding=UTF8 --locale=C >"$folder/log" 2>&1
cat >>"$folder/data/db/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder/socket'
shared_buffers = 16MB
max_wal_size = 64MB
min_wal_size = 32MB
END
control() { as_user "$binaries/pg_ctl" -D "$folder/data/db" -l "$folder/log" "$@" >/dev/null; }
control -w start || { cat "$folder/log" >&2; exit 1; }
echo "$folder"
while read -r word; do
  case $word in
    start) control -w start ;;
    stop) control -w -m fast stop ;;
    crash) control -w -m immediate stop ;;
  esac
  echo "$word"
done
control -w -m immediate stop || true
"#;

pub struct Server {
    /// Of the programs.
    binaries: PathBuf,
    folder: PathBuf,
    keeper: Mutex<Keeper>,
}

struct Keeper {
    tell: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
    process: Child,
}

impl Server {
    /// The one that all tests share that do it no harm.
    pub fn shared() -> Arc<Server> {
        static SHARED: OnceLock<Arc<Server>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Server::start(""))))
    }

    /// One of a test's own; its disk is so small, if a size is given. Without PostgreSQL, the program ends here, and says so.
    pub fn start(limit: &str) -> Server {
        let Some(binaries) = binaries() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed");
            // Past what captures the output of tests.
            let _ = writeln!(std::io::stderr(), "skipped: PostgreSQL is not installed");
            exit(0);
        };
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&binaries).arg(limit);
        let mut process = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, told) = (process.stdin.take(), process.stdout.take().unwrap());
        let mut keeper = Keeper { tell, told: BufReader::new(told), process };
        let folder = keeper.line().into();
        Server { binaries, folder, keeper: Mutex::new(keeper) }
    }

    pub fn tell(&self, word: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.tell.as_mut().unwrap(), "{word}").unwrap();
        assert_eq!(keeper.line(), word);
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.join("socket").into_os_string().into_string().unwrap();
        format!("postgres://shop@{}/{database}", socket.replace('/', "%2F"))
    }

    /// What a program of PostgreSQL prints about a database, whose address is its last argument.
    pub fn run(&self, program: &str, arguments: &[&str], database: &str) -> String {
        run(&self.binaries, program, arguments, &self.url(database))
    }
}

/// The same, of a database at this address.
pub fn run(binaries: &Path, program: &str, arguments: &[&str], url: &str) -> String {
    let mut command = Command::new(binaries.join(program));
    command.env("PGOPTIONS", "-c search_path=wechatpay_journal,pg_catalog").args(arguments).arg(url);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let keeper = self.keeper.get_mut().unwrap();
        keeper.tell = None;
        let _ = keeper.process.wait();
    }
}

impl Keeper {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "the server has not started, or does not do what it is told to");
        line.trim_end().to_owned()
    }
}

/// Where the programs of the newest version are.
pub fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.filter_map(|version| Some(version.ok()?.path())).max_by_key(|path| number(path))?;
    Some(newest.join("bin")).filter(|binaries| binaries.join("initdb").is_file())
}
