//! Wall times.

use std::time::{Duration, Instant};

/// Short calls are repeated until this much time has been measured ...
const ENOUGH: Duration = Duration::from_millis(100);
/// ... or this often.
const MOST: usize = 50;

/// The median time of `work` in milliseconds and its last result. `prepare` comes before every call and is
/// not measured, nor is dropping a result.
pub(crate) fn median_ms<S, R, E>(
    state: &mut S,
    prepare: impl Fn(&mut S),
    work: impl Fn(&mut S) -> Result<R, E>,
) -> Result<(f64, R), E> {
    let mut times = Vec::new();
    let mut total = Duration::ZERO;
    loop {
        prepare(state);
        let start = Instant::now();
        let result = work(state)?;
        let time = start.elapsed();
        times.push(time.as_secs_f64() * 1e3);
        total += time;
        if total >= ENOUGH || times.len() == MOST {
            return Ok((median(&mut times), result));
        }
    }
}

/// The middle, or the mean of the two in the middle. Sorts.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 {
        values[half]
    } else {
        f64::midpoint(values[half - 1], values[half])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert!((median(&mut [5.0, 1.0, 3.0]) - 3.0).abs() < 1e-15);
        assert!((median(&mut [5.0, 1.0, 3.0, 4.0]) - 3.5).abs() < 1e-15);
    }

    #[test]
    fn short_calls_are_repeated_and_preparation_is_not_counted() {
        let pause = Duration::from_millis(5);
        let mut calls = 0;
        let (ms, last) = median_ms(
            &mut calls,
            |calls| {
                *calls += 1;
                std::thread::sleep(4 * pause);
            },
            |calls| {
                std::thread::sleep(pause);
                Ok::<_, ()>(*calls)
            },
        )
        .unwrap();
        assert_eq!(last, calls);
        assert!((2..=20).contains(&calls), "{calls}");
        assert!((5.0..20.0).contains(&ms), "{ms}");
    }

    #[test]
    fn an_error_ends_it() {
        let outcome = median_ms(&mut (), |()| (), |()| Err::<(), _>("no"));
        assert_eq!(outcome, Err("no"));
    }
}
