"""The configuration of the embedded PostgreSQL: durable, local only, sized for one machine."""

import os
from collections.abc import Mapping
from pathlib import Path

MEGABYTE = 1 << 20
SHARED_BUFFERS_MB_MAX = 4096  # taken as it is used; a quarter of the memory at most

BASE: Mapping[str, str] = {
    # Who may come in: this machine's own user, through the socket, and nobody else.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    # A sale that was acknowledged survives a power cut.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    # Short statements over cached rows on solid-state disks.
    "jit": "off",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "64",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_locks_per_transaction": "256",
    # Hot rows are updated all day: clean early, in small steps, without pauses.
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_analyze_scale_factor": "0.02",
    "autovacuum_vacuum_cost_limit": "2000",
    "autovacuum_max_workers": "2",
    # What went wrong, and where the time went; a week of it.
    "track_io_timing": "on",
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %a ",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1s",
    "idle_in_transaction_session_timeout": "10min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "default_text_search_config": "pg_catalog.simple",
    "cluster_name": "jishi",
}


def render(*, socket_folder: Path, log_folder: Path, extra: Mapping[str, str]) -> str:
    """The text of ``jishi.conf``: BASE, what depends on the machine, then ``extra``, which wins."""
    memory_mb = _memory_bytes() // MEGABYTE
    settings = {
        **BASE,
        "unix_socket_directories": str(socket_folder),
        "log_directory": str(log_folder),
        "shared_buffers": f"{min(SHARED_BUFFERS_MB_MAX, memory_mb // 4)}MB",
        "effective_cache_size": f"{memory_mb // 2}MB",
        **extra,
    }
    lines = [f"{name} = '{_quoted(value)}'" for name, value in settings.items()]
    return "\n".join(["# Written at every start; changes are lost.", *lines, ""])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
