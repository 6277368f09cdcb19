//! What was measured: kept between runs, so that one scenario can be measured again.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Figures by scenario, server and metric; one for each round.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Results(BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<f64>>>>);

impl Results {
    /// Those of earlier runs, if there are any.
    pub(crate) fn load() -> Self {
        let text = fs::read_to_string(file()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(crate) fn save(&self) -> io::Result<()> {
        fs::create_dir_all(file().parent().unwrap_or(&file()))?;
        fs::write(file(), serde_json::to_string_pretty(self)?)
    }

    /// Forgets a scenario that is measured anew.
    pub(crate) fn forget(&mut self, scenario: &str) {
        self.0.remove(scenario);
    }

    pub(crate) fn push(&mut self, scenario: &str, server: &str, figures: &[(&str, f64)]) {
        let servers = self.0.entry(scenario.to_owned()).or_default();
        let metrics = servers.entry(server.to_owned()).or_default();
        for (metric, figure) in figures {
            metrics.entry((*metric).to_owned()).or_default().push(*figure);
        }
    }

    /// The median of all rounds.
    pub(crate) fn median(&self, scenario: &str, server: &str, metric: &str) -> Option<f64> {
        let mut figures = self.0.get(scenario)?.get(server)?.get(metric)?.clone();
        figures.sort_by(f64::total_cmp);
        let middle = figures.len() / 2;
        match figures.len() {
            0 => None,
            even if even % 2 == 0 => Some(f64::midpoint(figures[middle - 1], figures[middle])),
            _ => Some(figures[middle]),
        }
    }

    /// How many rounds a scenario has.
    pub(crate) fn rounds(&self, scenario: &str) -> usize {
        let servers = self.0.get(scenario).and_then(|servers| servers.values().next());
        servers.and_then(|metrics| metrics.values().next()).map_or(0, Vec::len)
    }
}

/// Beside the programs that were measured.
fn file() -> PathBuf {
    crate::process::built("bench-results.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() {
        let mut results = Results::default();
        for figure in [9.0, 1.0, 2.0] {
            results.push("acks", "ours", &[("cpu", figure)]);
        }
        assert_eq!(results.median("acks", "ours", "cpu"), Some(2.0));
        results.push("acks", "ours", &[("cpu", 4.0)]);
        assert_eq!(results.median("acks", "ours", "cpu"), Some(3.0));
        assert_eq!((results.rounds("acks"), results.median("acks", "axum", "cpu")), (4, None));
    }
}
