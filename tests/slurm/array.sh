#!/bin/sh
# array.sh PROGRAM ROOT SCRATCH: examples/slurm/sweep.sbatch on a real Slurm.
#
# A cluster of one node, this machine, with a configuration, a key and ports of its own: nothing of an
# installed cluster is touched. The array sweeps 8 shards, a job that depends on it merges them, and
# the content has to be that of one process. Exit code 77, skipped: no Slurm here (Debian: slurmctld,
# slurmd, slurm-client, munge), or it does not start.
program=$1
root=$2
scratch=$3
PATH=$PATH:/usr/sbin:/sbin
export PATH
for tool in sbatch squeue sinfo slurmctld slurmd munged mungekey sqlite3; do
  command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done

rm -rf "$scratch"
mkdir -p "$scratch"
run=$(mktemp -d /tmp/longhaul-slurm.XXXXXX) # sockets need a short path
chmod 755 "$run"
daemons=
stop() {
  for daemon in $daemons; do kill "$daemon" 2>/dev/null; done
  for daemon in $daemons; do wait "$daemon" 2>/dev/null; done
  rm -rf "$run"
}
trap stop EXIT
trap 'exit 1' INT TERM

skip() {
  echo "skipped: $*"
  tail -n 20 "$run"/*.log 2>/dev/null
  exit 77
}
fail() {
  echo "$*"
  tail -n 40 "$scratch"/*.log "$run"/slurm*.log 2>/dev/null
  exit 1
}
# within SECONDS COMMAND...: until it succeeds.
within() {
  left=$(($1 * 5))
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.2
  done
}

me=$(id -un)
host=$(hostname -s)
port=$((20000 + $$ % 20000))
cat >"$run/slurm.conf" <<END
ClusterName=longhaul
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$me
SlurmdUser=$me
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$run/munge.socket
CredType=cred/munge
StateSaveLocation=$run/state
SlurmdSpoolDir=$run/spool
SlurmctldPidFile=$run/slurmctld.pid
SlurmdPidFile=$run/slurmd.pid
SlurmctldLogFile=$run/slurmctld.log
SlurmdLogFile=$run/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=here NodeHostname=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=here Default=YES MaxTime=INFINITE State=UP
END
SLURM_CONF=$run/slurm.conf
export SLURM_CONF
mkdir "$run/state" "$run/spool"

mungekey --create --keyfile="$run/munge.key" 2>/dev/null || skip 'no key for munge'
munged --foreground --force --key-file="$run/munge.key" --socket="$run/munge.socket" \
  --pid-file="$run/munged.pid" --log-file="$run/munged.log" --seed-file="$run/munged.seed" \
  >"$run/munged.out.log" 2>&1 &
daemons="$daemons $!"
within 10 test -S "$run/munge.socket" || skip 'munged does not start'
slurmctld -D >"$run/slurmctld.out.log" 2>&1 &
daemons="$! $daemons"
slurmd -D -N here >"$run/slurmd.out.log" 2>&1 &
daemons="$! $daemons"
idle() { [ "$(sinfo -h -o %T)" = idle ]; }
within 60 idle || skip 'no idle node after a minute'

scenario=$root/scenarios/limits/patroni_primary_host_lost.json
vary=control.order_timeout=20s,30s,40s
cd "$scratch" || exit 1
mkdir bin && ln -s "$program" bin/longhaul || exit 1
PATH=$scratch/bin:$PATH
longhaul sweep "$scenario" --vary "$vary" --seeds 1..8 --store whole.sqlite --jobs 2 >whole.out ||
  fail 'the sweep of one process failed'

array=$(sbatch --parsable --output=array-%a.log "$root/examples/slurm/sweep.sbatch" parts \
  "$scenario" --vary "$vary" --seeds 1..8) || fail 'sbatch refused the array'
timeout 300 sbatch --wait --dependency="afterok:$array" --kill-on-invalid-dep=yes \
  --output=merge.log --wrap 'longhaul merge merged.sqlite parts/part-*.sqlite' >sbatch.out ||
  fail 'the array or the merge failed'

[ "$(ls parts/part-*.sqlite | wc -l)" -eq 8 ] || fail "8 parts expected: $(ls parts)"
sqlite3 whole.sqlite .dump >whole.sql
sqlite3 merged.sqlite .dump >merged.sql
cmp -s whole.sql merged.sql || fail 'the merged content differs from that of one process'
echo "8 shards through $(sbatch --version) equal one process: $(wc -c <whole.sql) bytes of SQL," \
  "$(sqlite3 whole.sqlite 'SELECT count(*) FROM cell') cells"
