-- Which of the task library's own migrations this database has (db/task_schema.py). Owner: db.
CREATE TABLE task_schema (
    name text PRIMARY KEY,                     -- as the library names its file
    applied_at timestamptz NOT NULL
);
