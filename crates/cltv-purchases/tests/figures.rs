//! RFM scores, segments, cohorts, series, concentration and panel figures on CDNOW.

use cltv_models::{BgCnbdK, Grain, TimeUnit};
use cltv_purchases::{Cleaning, Periods, RfmTable, SegmentTable, Source, Transactions};

fn cdnow() -> (Transactions, Periods) {
    let data = Source::new("cdnow").read().unwrap().clean(&Cleaning::default()).unwrap().transactions;
    let periods = data.periods("", "").unwrap();
    (data, periods)
}

fn rfm() -> RfmTable {
    let (data, periods) = cdnow();
    data.rfm(&periods, Grain::Day, &SegmentTable::default()).unwrap()
}

#[test]
fn equal_values_share_scores_and_every_customer_has_a_segment() {
    let table = rfm();
    for i in 1..table.len() {
        if table.frequency[i] == table.frequency[i - 1] {
            assert_eq!(table.f_score[i], table.f_score[i - 1]);
        }
        if table.recency_days[i] == table.recency_days[i - 1] {
            assert_eq!(table.r_score[i], table.r_score[i - 1]);
        }
    }
    let names = table.segment_names();
    assert!(table.segment.iter().all(|&segment| usize::from(segment) < names.len()));
    // 1,218 of 2,357 bought once: ranks 1 to 1,218, midpoint 609.5, score ceil(5 * 0.2586) = 2.
    let once = |(i, score): (usize, &u8)| (table.frequency[i] == 1).then_some(*score);
    let once: Vec<u8> = table.f_score.iter().enumerate().filter_map(once).collect();
    assert_eq!(once, vec![2; 1218]);
    let customers: usize = table.segments().iter().map(|segment| segment.customers).sum();
    assert_eq!(customers, 2357);
    let revenue: f64 = table.segments().iter().filter_map(|segment| segment.revenue).sum();
    assert!((revenue - cdnow().0.total_amount().unwrap()).abs() < 1e-6);
    assert_eq!(table.score_counts().iter().flatten().sum::<u64>(), 2357);
    let frame = table.frame().unwrap();
    assert_eq!(frame.height(), 2357);
    assert_eq!(frame.get_column_names()[1].as_str(), "recency_days");
    // Segments without customers are left out.
    let occupied = table.segments().iter().filter(|segment| segment.customers > 0).count();
    assert_eq!((table.segment_frame().unwrap().height(), occupied), (6, 6));
}

#[test]
fn cohorts_are_the_three_months_of_the_first_quarter() {
    let (data, periods) = cdnow();
    let table = data.cohorts(&periods).unwrap();
    let sizes: Vec<u64> = table.cohorts.iter().map(|cohort| cohort.customers).collect();
    assert_eq!(sizes.iter().sum::<u64>(), 2357);
    assert_eq!(table.labels(), ["1997-01", "1997-02", "1997-03"]);
    assert_eq!(table.months(), 18);
    assert!(table.cohorts.iter().all(|cohort| cohort.retention[0] == Some(1.0)));
    // 1998-06 is whole for all three; March has no 18th month.
    assert!(table.retention()[0][17].is_some() && table.retention()[2][16].is_none());
    let revenue: f64 = table.revenue().iter().flatten().flatten().sum();
    assert!((revenue - data.total_amount().unwrap()).abs() < 1e-6);
    // An end inside a month leaves that month open.
    let cut = data.cohorts(&data.periods("", "1998-06-29").unwrap()).unwrap();
    assert_eq!(cut.cohorts[0].retention[17], None);
    assert_eq!(table.frame().unwrap().height(), 18 + 17 + 16);
}

#[test]
fn series_add_up() {
    let (data, periods) = cdnow();
    for period in [Grain::Day, Grain::Week, Grain::Month] {
        let series = data.series(period, Grain::Day, &periods).unwrap();
        let total = |of: fn(&cltv_purchases::SeriesPoint) -> u64| series.points.iter().map(of).sum::<u64>();
        assert_eq!(total(|point| point.purchases), 6696);
        assert_eq!(total(|point| point.repeat_purchases), 4339);
        assert_eq!(total(|point| point.new_customers), 2357);
        let revenue: f64 = series.points.iter().filter_map(|point| point.revenue).sum();
        assert!((revenue - data.total_amount().unwrap()).abs() < 1e-6);
        assert_eq!(series.frame().unwrap().height(), series.points.len());
    }
    let weeks = data.series(Grain::Week, Grain::Day, &periods).unwrap();
    // 1997-01-01 is a Wednesday and 1998-06-30 a Tuesday: both ends are cut.
    assert_eq!(weeks.points[0].start.to_string(), "1996-12-30");
    assert!(!weeks.points[0].complete && weeks.points[1].complete && !weeks.points[78].complete);
    assert_eq!(weeks.points.len(), 79);
}

#[test]
fn timelines_and_ages() {
    let (data, periods) = cdnow();
    let lines = data.timelines(30, Grain::Day, &periods).unwrap();
    assert_eq!(lines.len(), 30);
    let once = lines.iter().filter(|line| line.purchases.len() == 1).count();
    assert!((13..=17).contains(&once), "{once}");
    assert_eq!(lines, data.timelines(30, Grain::Day, &periods).unwrap());
    assert_eq!(data.timelines(9999, Grain::Day, &periods).unwrap().len(), 2357);
    let tracking = data.tracking(&periods, Grain::Day, true).unwrap();
    let ages = tracking.ages(38, TimeUnit::Week);
    let total: f64 = ages.iter().map(|(age, customers)| age * *customers as f64).sum();
    // The sum of T at the calibration's end, in weeks.
    assert!((total - 539_779.0 / 7.0).abs() < 1e-6, "{total}");
    assert!(!tracking.weeks[38].holdout && tracking.weeks[39].holdout);
}

/// The weeks after the calibration hold the purchases of the holdout, on whatever day either ends.
#[test]
fn the_weeks_of_the_holdout_are_the_holdout() {
    let (data, _) = cdnow();
    for (calibration_end, observation_end) in [
        ("1997-09-30", "1998-06-30"),
        ("1997-10-01", "1998-06-30"),
        ("1997-09-26", "1998-02-11"),
        ("1997-12-03", "1997-12-04"),
        ("1997-01-20", "1997-02-08"),
        ("1997-01-17", "1998-06-30"),
        ("1998-01-15", "1998-06-28"),
    ] {
        let periods = data.periods(calibration_end, observation_end).unwrap();
        for grain in [Grain::Day, Grain::Week] {
            let split = data.split(&periods, TimeUnit::Week, grain).unwrap();
            let tracking = data.tracking(&periods, grain, true).unwrap();
            let held: u64 = tracking.weeks.iter().filter(|week| week.holdout).map(|week| week.actual).sum();
            assert_eq!(held, split.actual_purchases(), "{calibration_end} to {observation_end} by {grain:?}");
            let last = tracking.weeks.last().unwrap();
            assert_eq!(last.end, periods.observation_end);
            assert!(
                tracking
                    .weeks
                    .windows(2)
                    .all(|pair| (1..=7).contains(&(pair[1].end - pair[0].end).num_days()))
            );
            assert!(tracking.weeks.iter().any(|week| week.end == periods.calibration_end));
        }
    }
}

#[test]
fn sentences() {
    let (data, periods) = cdnow();
    let split = data.split(&periods, TimeUnit::Week, Grain::Day).unwrap();
    assert_eq!(
        split.to_string(),
        "Until 1997-09-30: 2,357 customers with 2,457 repeat purchases. In the 39 weeks after it, 684 of 2,357 (29%) bought 1,882 times."
    );
    assert_eq!(split.frame().unwrap().height(), 2357);
    assert_eq!(cltv_purchases::summary_frame(&split.calibration).unwrap().width(), 5);
    assert_eq!(
        periods.to_string(),
        "Calibration from 1997-01-01 to 1997-09-30, holdout of 273 days from then to 1998-06-30."
    );
    assert!(
        data.to_string()
            .starts_with("6,919 purchase rows of 2,357 customers from 1997-01-01 to 1998-06-30, ")
    );
    assert!(
        data.cohorts(&periods)
            .unwrap()
            .to_string()
            .starts_with("3 monthly cohorts of 2,357 customers, observed until 1998-06-30; after 6 months")
    );
}

#[test]
fn the_times_between_purchases_are_kept_for_models_of_regular_purchases() {
    let (cdnow, periods) = cdnow();
    for (unit, grain) in [(TimeUnit::Day, Grain::Week), (TimeUnit::Week, Grain::Day)] {
        let rfm = cdnow.summary(unit, grain, periods.calibration_end).unwrap();
        let sums = rfm.ln_intervals().expect("there");
        for ((&x, &t_x), &sum) in rfm.frequency().iter().zip(rfm.t_x()).zip(sums) {
            match x {
                0 => assert_eq!(sum, 0.0),
                1 => assert!((sum - t_x.ln()).abs() < 1e-12),
                // The geometric mean of the waits is below their arithmetic mean.
                x => assert!(sum <= f64::from(x) * (t_x / f64::from(x)).ln() + 1e-9),
            }
        }
    }
    let rfm = cdnow.summary(TimeUnit::Week, Grain::Day, periods.calibration_end).unwrap();
    let fit = BgCnbdK::default().fit(&rfm).unwrap();
    assert_eq!(fit.params().k(), 1, "purchases of CDNOW are not regular");
}
