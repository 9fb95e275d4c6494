# A primary and a standby of the installed PostgreSQL, and who answers what. Does nothing where
# there is no PostgreSQL, or no user that may run it.
set -eu
program=$1
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
  echo "no PostgreSQL here"
  exit 0
fi
as_server='env'
if [ "$(id -u)" -eq 0 ]; then
  id postgres >/dev/null 2>&1 || { echo "no user postgres here"; exit 0; }
  as_server='setpriv --reuid=postgres --regid=postgres --clear-groups'
fi

home=$(mktemp -d)
chmod 755 "$home"
[ "$(id -u)" -ne 0 ] || chown postgres "$home"
stop() {
  for server in standby primary; do
    $as_server "$bin/pg_ctl" -D "$home/$server" -m immediate stop >/dev/null 2>&1 || true
  done
  rm -rf "$home"
}
trap stop EXIT
start() {  # NAME PORT: on a socket only
  printf "port = %s\nlisten_addresses = ''\nunix_socket_directories = '%s'\n" "$2" "$home" \
    >>"$home/$1/postgresql.conf"
  $as_server "$bin/pg_ctl" -D "$home/$1" -l "$home/$1.log" -w start >/dev/null
}
cd "$home"
$as_server "$bin/initdb" -D "$home/primary" -U postgres -A trust >/dev/null
start primary 1
$as_server "$bin/pg_basebackup" -h "$home" -p 1 -U postgres -D "$home/standby" -R
start standby 2

# A replica that has replayed nothing yet has no lag to report, and gets no reads.
send() {
  echo 'CREATE TABLE t (a int)'
  for _ in 1 2 3; do
    sleep 1
    echo 'INSERT INTO t VALUES (7)'
  done
  cat
}
send <<'SQL' | "$program" "host=$home port=1 user=postgres" "host=$home port=2 user=postgres" |
SELECT a FROM t
BEGIN
UPDATE t SET a = 8
SELECT a FROM t
COMMIT
SELECT a FROM t
BEGIN READ ONLY
SELECT a FROM t
COMMIT
SELECT a FROM t FOR UPDATE
BEGIN;UPDATE t SET a = 9;COMMIT
BEGIN;UPDATE t SET a = 1 / 0;COMMIT
SELECT a FROM t
SQL
  tail -n +5 >"$home/out"
cat >"$home/wanted" <<'ANSWERS'
database 1: SELECT a FROM t: 7
database 0, writing_transaction: BEGIN: PGRES_COMMAND_OK
database 0, writing_transaction: UPDATE t SET a = 8: PGRES_COMMAND_OK
database 0, writing_transaction: SELECT a FROM t: 8
database 0, writing_transaction: COMMIT: PGRES_COMMAND_OK
database 1: SELECT a FROM t: 8
database 1: BEGIN READ ONLY: PGRES_COMMAND_OK
database 1: SELECT a FROM t: 8
database 1: COMMIT: PGRES_COMMAND_OK
database 0, locking_read: SELECT a FROM t FOR UPDATE: 8
database 0, writing_transaction: BEGIN;UPDATE t SET a = 9;COMMIT: PGRES_COMMAND_OK
database 0, writing_transaction: BEGIN;UPDATE t SET a = 1 / 0;COMMIT: PGRES_FATAL_ERROR
database 1: SELECT a FROM t: 9
ANSWERS
# The replica has replayed the write when it is asked, or is waited for: both are right.
sed -E 's/, (token_covered|wait_covered)//' "$home/out" | diff "$home/wanted" -
