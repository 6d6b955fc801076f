package tarn.cli;

import java.util.List;

/** The table of commands: what the parser accepts and help shows. */
final class Commands {
  private static final Option DRY_RUN =
      Option.flag("--dry-run", "say what would be done, and do nothing");

  /** Options that every command has. */
  static final List<Option> GLOBAL =
      List.of(
          Option.of(
              "--lake",
              "DIR",
              "the lake folder; else $DATALAKE, else the nearest folder upwards with a lake.yaml"),
          Option.of("--environment", "NAME", "which of environments/*.yaml holds"),
          new Option("--output", "-o", "FORMAT", "table (default), csv or json"),
          Option.flag("--no-start", "fail rather than start the lake's server"),
          new Option("--quiet", "-q", "", "no progress and no remarks"),
          new Option("--help", "-h", "", "this text"));

  static final List<Command> ALL =
      List.of(
          new Command(
              "demo",
              "",
              0,
              "Make a lake from the example, fill it, run it, show its tables, stop it",
              List.of(
                  Option.of("--directory", "DIR", "where to make it; default ./datalake-demo"),
                  Option.flag(
                      "--cdc",
                      "another demo: a PostgreSQL that is loaded and followed while orders come in"),
                  Option.flag("--keep-running", "leave its server running")),
              List.of(
                  "datalake demo",
                  "datalake demo --cdc",
                  "datalake demo --directory /tmp/shop --keep-running")),
          new Command(
              "init",
              "[DIR]",
              1,
              "Make a new lake folder",
              List.of(Option.of("--name", "NAME", "the lake's name; default the folder's")),
              List.of("datalake init my-lake")),
          new Command(
              "validate",
              "",
              0,
              "Check the lake folder and tell all that is wrong with it",
              List.of(),
              List.of("datalake validate", "datalake validate --environment prod")),
          new Command(
              "test",
              "[PART OF A NAME]",
              1,
              "Run the lake folder's tests (tests/*.yaml); the lake is not touched",
              List.of(),
              List.of("datalake test", "datalake test refund")),
          new Command(
              "up",
              "",
              0,
              "Start the lake's server and stay until Ctrl-C",
              List.of(Option.flag("--detach", "return when it is ready")),
              List.of("datalake up --detach")),
          new Command("down", "", 0, "Stop the lake's server", List.of(), List.of("datalake down")),
          new Command(
              "status",
              "",
              0,
              "Show the server, what landed, what is running",
              List.of(),
              List.of("datalake status", "datalake status -o json")),
          new Command(
              "upload",
              "[FILE|FOLDER]…",
              Command.ANY,
              "Land files; folders keep their hive folders (year=2025/…)",
              List.of(
                  Option.of(
                      "--source",
                      "NAME",
                      "what the files are of; without it each folder's subfolders are sources"),
                  Option.flag("--sample-data", "land the lake folder's sample-data")),
              List.of(
                  "datalake upload --source orders orders.csv",
                  "datalake upload --source events exports/events",
                  "datalake upload --sample-data")),
          new Command(
              "env",
              "",
              0,
              "Print what lets AWS's tools (Kinesis, Firehose) work with this lake",
              List.of(Option.of("--shell", "NAME", "bash (default), zsh, fish or powershell")),
              List.of(
                  "eval \"$(datalake env)\"",
                  "datalake env --shell fish | source",
                  "datalake env -o json")),
          new Command(
              "stream",
              "[list] | put STREAM [FILE|-] | dead STREAM | redrive STREAM | kafka STREAM | describe STREAM | tail STREAM | lag STREAM | reshard STREAM | forget STREAM",
              3,
              "Show event streams; put events, one JSON object a line or one array; show dead letters, take them again; read events, alone or as a consumer with a name; change the number of shards",
              List.of(
                  Option.of("--limit", "N", "dead, tail: at most so many; dead letters: 20"),
                  Option.of(
                      "--from",
                      "TIME",
                      "redrive: only what landed at this time or day or later; tail: where to begin: oldest, latest or a time"),
                  Option.of(
                      "--to",
                      "TIME",
                      "redrive: only what landed before this time, or up to this day"),
                  Option.of(
                      "--consumer",
                      "NAME",
                      "tail: go on where it was, and commit what was printed"),
                  Option.flag("--follow", "tail: wait for more"),
                  Option.of("--shards", "N", "reshard: how many there are to be")),
              List.of(
                  "datalake stream list",
                  "datalake stream put clicks events.json",
                  "echo '{\"event_id\":\"e1\"}' | datalake stream put clicks",
                  "datalake stream dead clicks --limit 5",
                  "datalake stream redrive clicks --from 2026-03-01",
                  "datalake stream kafka clicks --output csv",
                  "datalake stream describe clicks",
                  "datalake stream tail clicks --consumer billing --limit 100",
                  "datalake stream tail clicks --from 2026-03-01T12:00:00Z -o json",
                  "datalake stream lag clicks",
                  "datalake stream reshard clicks --shards 4")),
          new Command(
              "source",
              "[list] | check SOURCE | tables SOURCE | verify SOURCE [TABLE] | reload SOURCE [TABLE…]",
              Command.ANY,
              "Show the databases that are followed and how far; look at all that one needs to be followed; preview its tables and what their columns become; compare tables with their copies, row by row; load tables anew",
              List.of(
                  Option.of("--limit", "N", "verify: at most so many keys of a table; default 100"),
                  Option.of("--ranges", "N", "verify: so many ranges of keys; default 100"),
                  Option.of(
                      "--timeout",
                      "SECONDS",
                      "verify: how long the copies are waited for; default 600")),
              List.of(
                  "datalake source list",
                  "datalake source check shop",
                  "datalake source tables shop",
                  "datalake source verify shop",
                  "datalake source verify shop public.orders -o json",
                  "datalake source reload shop public.orders")),
          new Command(
              "pipeline",
              "[list] | run PIPELINE | stop PIPELINE | status [PIPELINE] | history PIPELINE | enable PIPELINE | disable PIPELINE | set PIPELINE KEY=VALUE",
              3,
              "Show pipelines and their runs; run one, stop it; let times and other pipelines start it or not; set a setting until it is set again (KEY= lets the file's hold)",
              List.of(
                  Option.flag("--wait", "run: show how far it is until it is over; 1 if it failed"),
                  Option.of("--limit", "N", "history: at most so many runs; default 20")),
              List.of(
                  "datalake pipeline list",
                  "datalake pipeline run nightly --wait",
                  "datalake pipeline status nightly",
                  "datalake pipeline history nightly --limit 5 -o json",
                  "datalake pipeline disable nightly",
                  "datalake pipeline set nightly retries=3")),
          new Command(
              "generate",
              "events [STREAM] | orders",
              2,
              "Put events of an invented shop into a stream or a file, or orders into its PostgreSQL; the same seed, the same data",
              List.of(
                  Option.flag(
                      "--setup",
                      "orders: make the shop's tables and rows, in the schema shop of the database that PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD name"),
                  Option.of(
                      "--scale", "N", "orders, with --setup: N times 1000 customers; default 1"),
                  Option.of("--sessions", "N", "orders: so many at it together; default 2"),
                  Option.of("--count", "N", "so many events, or transactions; default 1000"),
                  Option.of("--rate", "N", "at most so many a second; default as many as go"),
                  Option.of("--seconds", "N", "for so long, at the rate"),
                  Option.of("--duplicates", "SHARE", "an earlier event again; default 0.01"),
                  Option.of("--late", "SHARE", "minutes to days before its turn; default 0.02"),
                  Option.of("--future", "SHARE", "hours to weeks after its turn; default 0"),
                  Option.of("--poison", "SHARE", "bytes that are no event; default 0.001"),
                  Option.of("--conflicts", "SHARE", "an earlier id, other content; default 0.001"),
                  Option.of("--seed", "N", "what chance begins with; default another each time"),
                  Option.of(
                      "--start",
                      "TIME",
                      "the first event's time; default now, with --seed 2026-01-01T00:00:00Z"),
                  Option.of("--spacing", "MILLIS", "from an event's time to the next; default 1"),
                  Option.of("--file", "FILE", "write lines to this new file, or - for here")),
              List.of(
                  "datalake generate events clicks --count 5000",
                  "datalake generate events clicks --rate 1000 --seconds 60 --duplicates 0.05",
                  "datalake generate events --seed 7 --count 100 --file events.json",
                  "PGUSER=shop datalake generate orders --rate 200 --seconds 60")),
          new Command(
              "crawl",
              "[SOURCE]…",
              Command.ANY,
              "Find schemas and partitions of what landed",
              List.of(DRY_RUN),
              List.of("datalake crawl", "datalake crawl orders --dry-run")),
          new Command(
              "plan",
              "",
              0,
              "Show what the next run would do, and what it would read",
              List.of(),
              List.of("datalake plan", "datalake plan -o json")),
          new Command(
              "run",
              "[TABLE]…",
              Command.ANY,
              "Bring clean tables and models up to date",
              List.of(),
              List.of("datalake run", "datalake run clean.orders")),
          new Command(
              "backfill",
              "TABLE…",
              Command.ANY,
              "Make clean tables anew from raw, with their definitions of now, each in one commit",
              List.of(),
              List.of("datalake backfill clean.orders")),
          new Command(
              "analytics",
              "[MODEL]…",
              Command.ANY,
              "Bring models up to date and show them, with pictures",
              List.of(
                  Option.of("--limit", "N", "at most so many rows of each; default 10, 0 for all")),
              List.of(
                  "datalake analytics",
                  "datalake analytics funnel --limit 0",
                  "datalake analytics sales_by_month -o csv > months.csv")),
          new Command(
              "query",
              "[SQL|-]",
              1,
              "Answer one SELECT, SHOW, DESCRIBE or EXPLAIN",
              List.of(
                  new Option("--file", "-f", "FILE", "read the SQL from a file"),
                  Option.of("--max-rows", "N", "at most so many rows"),
                  Option.of("--timeout", "SECONDS", "at most so long")),
              List.of(
                  "datalake query 'SELECT count(*) FROM clean.orders'",
                  "datalake query -o csv -f report.sql > report.csv",
                  "echo 'SHOW TABLES' | datalake query -")),
          new Command(
              "tables", "", 0, "List datasets and tables", List.of(), List.of("datalake tables")),
          new Command(
              "describe",
              "TABLE",
              1,
              "Show a table's columns, partitions and properties",
              List.of(),
              List.of("datalake describe clean.orders")),
          new Command(
              "history",
              "TABLE",
              1,
              "Show a table's commits, newest first",
              List.of(),
              List.of("datalake history clean.orders")),
          new Command(
              "changes",
              "TABLE",
              1,
              "Show what happened to a table's rows since a state of it, the oldest change first",
              List.of(
                  Option.of(
                      "--since",
                      "WHEN",
                      "the state before the first change: a snapshot's id, a time (UTC) or a span before now like 2h"),
                  Option.of("--until", "WHEN", "the last state, likewise; default the newest"),
                  Option.flag("--net", "only what is different in the end"),
                  Option.of("--limit", "N", "at most so many rows")),
              List.of(
                  "datalake changes clean.orders --since 2h",
                  "datalake changes clean.orders --since 2026-01-31T12:00:00Z --net -o json")),
          new Command(
              "undo",
              "TABLE",
              1,
              "Take back a table's newest commit; the next run does it again",
              List.of(),
              List.of("datalake undo clean.orders")),
          new Command(
              "quarantine",
              "[list|show|retry] [TABLE]",
              2,
              "Show rows that were put aside, and why; retry makes their tables anew from raw",
              List.of(Option.of("--limit", "N", "at most so many rows; default 20")),
              List.of(
                  "datalake quarantine",
                  "datalake quarantine list",
                  "datalake quarantine show clean.orders --limit 5",
                  "datalake quarantine retry clean.orders")),
          new Command(
              "quality",
              "[TABLE]",
              1,
              "Show what became of quality rules, load by load",
              List.of(
                  Option.of(
                      "--limit",
                      "N",
                      "at most so many loads of a table; default 1, with TABLE 10")),
              List.of("datalake quality", "datalake quality clean.orders --limit 30 -o csv")),
          new Command(
              "maintain",
              "[TABLE]…",
              Command.ANY,
              "Compact tables, expire snapshots, remove orphans, archive and expire raw files",
              List.of(DRY_RUN),
              List.of("datalake maintain", "datalake maintain clean.orders --dry-run")),
          new Command(
              "replay",
              "STREAM [TABLE]…",
              Command.ANY,
              "Take a stream's events through the definitions of its tables again",
              List.of(
                  Option.of(
                      "--from", "TIME", "only what landed at this time or day (UTC) or later"),
                  Option.of("--to", "TIME", "only what landed before this time, or up to this day"),
                  Option.of("--type", "TYPE", "only batches with events of this type"),
                  Option.of("--subtype", "SUBTYPE", "and of this subtype"),
                  Option.of(
                      "--into",
                      "STREAM",
                      "put the events into another stream instead; with --type only these"),
                  DRY_RUN),
              List.of(
                  "datalake replay clicks --from 2026-03-01T10:00 --to 2026-03-01T12:00 --dry-run",
                  "datalake replay clicks clean.clicks --from 2026-03-01",
                  "datalake replay clicks --from 2026-03-01 --type refund --dry-run")),
          new Command(
              "unarchive",
              "DATASET",
              1,
              "Bring archived files back to raw",
              List.of(
                  Option.of("--from", "DAY", "only files that landed on this day (UTC) or later"),
                  Option.of("--to", "DAY", "only files that landed on this day or earlier"),
                  DRY_RUN),
              List.of(
                  "datalake unarchive raw.weblogs",
                  "datalake unarchive raw.weblogs --from 2026-01-01 --to 2026-01-31 --dry-run")),
          new Command(
              "backup",
              "DIR",
              1,
              "Copy the lake into a folder of backups, while it is used",
              List.of(
                  Option.flag(
                      "--by-reference",
                      "copy the catalog and list the files, for storage that keeps itself")),
              List.of("datalake backup /mnt/backups/shop")),
          new Command(
              "restore",
              "DIR LAKE_FOLDER",
              2,
              "Make a lake folder, with all that was in the lake, from a backup",
              List.of(
                  Option.of("--backup", "ID", "which backup; default the newest"),
                  Option.of("--lake-yaml", "FILE", "in the place of the backup's lake.yaml")),
              List.of(
                  "datalake restore /mnt/backups/shop shop",
                  "datalake restore /mnt/backups/shop shop --backup 20260131T235959.123Z")),
          new Command(
              "verify",
              "[DIR]",
              1,
              "Check that the lake, or a folder of backups, has all that it lists",
              List.of(Option.flag("--deep", "read every file to its end")),
              List.of(
                  "datalake verify",
                  "datalake verify --deep -o json",
                  "datalake verify /mnt/backups/shop --deep")),
          new Command(
              "completion",
              "SHELL",
              1,
              "Print what makes bash, zsh or fish complete commands and options",
              List.of(),
              List.of(
                  "source <(datalake completion bash)",
                  "source <(datalake completion zsh)",
                  "datalake completion fish | source")),
          new Command(
              "help", "[COMMAND]", 1, "Show help", List.of(), List.of("datalake help upload")),
          new Command(
              "version", "", 0, "Show the version", List.of(), List.of("datalake version")));

  private Commands() {}

  /** The command of a name; a user's error names the nearest. */
  static Command named(String name) {
    for (Command command : ALL) {
      if (command.name().equals(name)) {
        return command;
      }
    }
    String nearest = Nearest.to(name, ALL.stream().map(Command::name).toList());
    throw CommandFailed.usage(
        "unknown command '"
            + name
            + "'"
            + (nearest.isEmpty() ? "" : "; did you mean '" + nearest + "'?")
            + " (`datalake help` lists them)");
  }
}
