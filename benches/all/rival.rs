//! The named rival of suitability: the same parcels in PostGIS, in the tables that the store makes, and the same requirement in SQL.
//!
//! The server has a gigabyte of buffers, so that everything is in memory, and the statements are prepared, planned once and asked over a socket.
use std::time::Instant;

use sqlx::{Connection, Executor, PgConnection, Row};
use tokio::runtime::Runtime;

use super::cluster::Cluster;
use super::line::quantile;
use super::store;

/// Where the same requirement is asked of PostGIS.
pub struct Rival {
    cluster: Cluster,
    runtime: Runtime,
}

/// What SQL says to a requirement, and how long it takes.
pub struct Said {
    /// Parcels that pass all gates.
    pub matched: u64,
    /// Median, milliseconds.
    pub median_ms: f64,
    /// The first time, milliseconds.
    pub first_ms: f64,
}

/// The five gates, as somebody who knows the tables writes them.
const GATES: [&str; 5] = [
    "area BETWEEN 1500 AND 5000",
    "attributes->>'planned_use' = ANY($1)",
    "(attributes->>'power_capacity')::float8 >= 500",
    "(attributes->>'price')::float8 <= 1500",
    "(CASE status WHEN 'AVAILABLE' THEN available_from IS NULL OR available_from <= '2028-01-01' \
     WHEN 'HELD' THEN (attributes->>'hold_until')::date <= '2028-01-01' AND (available_from IS NULL OR available_from <= '2028-01-01') \
     ELSE status IN ('PLANNED', 'ACQUIRED', 'REDEVELOP') AND available_from <= '2028-01-01' END)",
];

/// The four wishes.
const SCORE: &str = "40 * greatest(0, least(1, (2000 - (attributes->>'price')::float8) / 1800)) \
    + 30 * greatest(0, least(1, (attributes->>'power_capacity')::float8 / 5000)) \
    + 20 * greatest(0, 1 - abs(area - 3000) / 1500) \
    + 10 * greatest(0, least(1, (attributes->'plot_ratio'->>'max')::float8 - 1))";

impl Rival {
    /// Starts a server of its own.
    pub fn start() -> Self {
        let cluster = Cluster::start();
        cluster.sql("postgres", "ALTER SYSTEM SET shared_buffers = '1GB'");
        cluster.sql("postgres", "ALTER SYSTEM SET max_wal_size = '4GB'");
        cluster.sql("postgres", "CHECKPOINT");
        cluster.cut_off();
        cluster.serve();
        Self {
            cluster,
            runtime: Runtime::new().unwrap(),
        }
    }

    /// Fills a database with so many parcels, and asks it so often: for the best twenty, and for who fails which gate.
    pub fn ask(&self, count: usize, uses: &[String], rounds: usize) -> [Said; 2] {
        let database = self.cluster.database();
        store::fill_at(&database.location(), count);
        database.sql("VACUUM ANALYZE zaiti.parcels");
        let all = GATES.join(" AND ");
        let best = format!(
            "SELECT count(*) OVER () AS matched, code, {SCORE} AS score FROM zaiti.parcels \
             WHERE closed IS NULL AND {all} ORDER BY score DESC, code LIMIT 20"
        );
        let failed = GATES.map(|gate| format!("(NOT coalesce({gate}, false))::int"));
        let only: Vec<String> = (1..=GATES.len())
            .map(|gate| format!("count(*) FILTER (WHERE failed = 1 AND f{gate} = 1)"))
            .collect();
        let each: Vec<String> = failed
            .iter()
            .zip(1..)
            .map(|(failed, gate)| format!("{failed} AS f{gate}"))
            .collect();
        let (only, each) = (only.join(", "), each.join(", "));
        let misses = format!(
            "SELECT count(*) FILTER (WHERE failed = 0) AS matched, {only} FROM \
             (SELECT f1, f2, f3, f4, f5, f1 + f2 + f3 + f4 + f5 AS failed FROM \
             (SELECT {each} FROM zaiti.parcels WHERE closed IS NULL) AS each) AS all_of_them"
        );
        [best, misses].map(|sql| self.runtime.block_on(timed(&database.location(), &sql, (uses, rounds))))
    }
}

async fn timed(location: &str, sql: &str, (uses, rounds): (&[String], usize)) -> Said {
    let mut connection = PgConnection::connect(location).await.unwrap();
    // Compiling a statement takes longer than running it.
    connection.execute("SET jit = off").await.unwrap();
    let mut times = Vec::new();
    let mut matched = 0;
    for _ in 0..rounds {
        let start = Instant::now();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(uses)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        times.push(start.elapsed().as_secs_f64() * 1e3);
        matched = rows.first().map_or(0, |row| row.get::<i64, _>("matched"));
    }
    connection.close().await.unwrap();
    let first_ms = times[0];
    times.sort_by(f64::total_cmp);
    Said {
        matched: u64::try_from(matched).unwrap(),
        median_ms: quantile(&times, 0.5),
        first_ms,
    }
}
