//! PostgreSQL itself, as Debian packages it: a server of its own in a temporary folder, which ends with the test program.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

/// Keeps the server: does what it is told to, and answers each word; when there is nobody to tell it any more, it stops the
/// server and removes the folder. The limit is that of a small disk for the data, which needs root to be made. `revive` starts a
/// server that may have ended by itself, or may be about to.
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
is_there() { "$binaries/pg_isready" -q -h "$folder/socket"; }
control -w start || { cat "$folder/log" >&2; exit 1; }
echo "$folder"
while read -r word; do
  case $word in
    start) control -w start ;;
    stop) control -w -m fast stop ;;
    crash) control -w -m immediate stop ;;
    revive)
      for attempt in $(seq 100); do
        if is_there; then break; fi
        control status || control -w start || true
        sleep 0.1
      done
      is_there
      ;;
  esac
  echo "$word"
done
control -w -m immediate stop || true
"#;

pub struct Server {
    folder: PathBuf,
    keeper: Mutex<Keeper>,
}

struct Keeper {
    tell: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
    process: Child,
}

impl Server {
    /// One of a test's own; its disk is so small, if a size is given. `None`, which it says, if PostgreSQL is not installed; on CI
    /// it must be.
    pub fn start(limit: &str) -> Option<Server> {
        let Some(binaries) = binaries() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed");
            // Past what captures the output of tests.
            let _ = writeln!(std::io::stderr(), "skipped: PostgreSQL is not installed");
            return None;
        };
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&binaries).arg(limit);
        let mut process = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, told) = (process.stdin.take(), process.stdout.take().unwrap());
        let mut keeper = Keeper { tell, told: BufReader::new(told), process };
        let folder = keeper.line().into();
        Some(Server { folder, keeper: Mutex::new(keeper) })
    }

    /// Whether one can have a small disk. Only root can make it.
    pub fn can_be_limited() -> bool {
        let script = r#"folder=$(mktemp -d) && mount -t tmpfs tmpfs "$folder" && umount "$folder"; code=$?; rmdir "$folder"; exit $code"#;
        Command::new("sh").args(["-c", script]).stderr(Stdio::null()).status().unwrap().success()
    }

    pub fn tell(&self, word: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.tell.as_mut().unwrap(), "{word}").unwrap();
        assert_eq!(keeper.line(), word);
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes all that is left of a small disk.
    pub fn fill(&self) {
        let mut file = fs::File::create(self.filler()).unwrap();
        while file.write_all(&[1; 1 << 20]).is_ok() {}
    }

    pub fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("data/fill")
    }

    /// Makes a database, and returns its address.
    pub fn database(&self, name: &str) -> String {
        run("psql", &["-qc", &format!("CREATE DATABASE \"{name}\"")], &self.url("postgres")).unwrap();
        self.url(name)
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket/.s.PGSQL.5432")
    }

    fn url(&self, database: &str) -> String {
        let folder = self.folder.join("socket").into_os_string().into_string().unwrap();
        format!("postgres://shop@{}/{database}", folder.replace('/', "%2F"))
    }
}

/// What a program of PostgreSQL prints about the database at this address, which is its last argument.
///
/// # Errors
/// What it says on standard error, if it fails.
pub fn run(program: &str, arguments: &[&str], address: &str) -> Result<String, String> {
    let mut command = Command::new(binaries().unwrap().join(program));
    command.env("PGOPTIONS", "-c search_path=wechatpay_journal,pg_catalog").args(arguments).arg(address);
    let output = command.output().unwrap();
    let [printed, shown] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    if output.status.success() { Ok(printed) } else { Err(format!("{program}: {shown}")) }
}

/// What `psql` shows: each row as a line, with `|` between its columns. What it sees is committed, and what is committed is on
/// the disk.
pub fn rows(address: &str, sql: &str) -> Vec<String> {
    run("psql", &["-qAt", "-c", sql, "-d"], address).unwrap().lines().map(str::to_owned).collect()
}

/// Ends this share of the connections to a database, but not the one that does so.
pub fn cut(address: &str, share: f64) {
    let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() <";
    rows(address, &format!("{sql} {share}"));
}

/// How many journals are open in a database, as their locks tell.
pub fn owners(address: &str) -> usize {
    let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    rows(address, sql)[0].parse().unwrap()
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
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.filter_map(|version| Some(version.ok()?.path())).max_by_key(|path| number(path))?;
    Some(newest.join("bin")).filter(|binaries| binaries.join("initdb").is_file())
}
