//! Draws throughput, CPU and memory against calls in flight.

use std::path::Path;

use plotters::prelude::*;

use crate::report;
use crate::rounds::Results;

/// Subject, its name in the drawing, its colour.
const SUBJECTS: [(&str, &str, RGBColor); 3] = [
    ("chain async", "wechatpay-chain", RGBColor(7, 160, 70)),
    ("ureq async", "ureq + openssl", RGBColor(220, 110, 20)),
    ("hyper async", "hyper + openssl", RGBColor(60, 90, 200)),
];

/// Three drawings into this folder.
pub fn draw(results: &Results, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (file, figure, title) in [
        ("throughput.svg", "calls_per_second", "calls a second"),
        ("cpu.svg", "cpu_us", "CPU per call, µs"),
        ("memory.svg", "peak_mb", "peak memory, MB"),
    ] {
        one(results, &folder.join(file), figure, title)?;
    }
    Ok(())
}

fn one(results: &Results, path: &Path, figure: &str, title: &str) -> anyhow::Result<()> {
    let lines = SUBJECTS.map(|(subject, name, colour)| (points(results, subject, figure), name, colour));
    let all = || lines.iter().flat_map(|(points, ..)| points);
    let right = all().map(|point| point.0).fold(2.0, f64::max);
    let top = all().map(|point| point.1).fold(1.0, f64::max) * 1.1;
    let area = SVGBackend::new(path, (720, 400)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(56)
        .y_label_area_size(64)
        .build_cartesian_2d((1.0..right).log_scale(), 0.0..top)?;
    let machine = format!("calls in flight, answers after 100 ms, http — {}", report::machine());
    chart.configure_mesh().x_desc(machine).x_label_formatter(&|x| format!("{x:.0}")).light_line_style(WHITE).draw()?;
    for (points, name, colour) in &lines {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3);
        chart.draw_series(line)?.label(*name).legend(|(x, y)| PathElement::new([(x, y), (x + 20, y)], *colour));
    }
    chart.configure_series_labels().background_style(WHITE).border_style(BLACK).draw()?;
    area.present()?;
    Ok(())
}

/// Calls in flight and the figure, in ascending order.
fn points(results: &Results, subject: &str, figure: &str) -> Vec<(f64, f64)> {
    let begins = format!("{subject}, curve ");
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (key, rounds) in &results.figures {
        let in_flight = key.strip_prefix(&begins).and_then(|number| number.parse().ok());
        let value = rounds.first().and_then(|figures| figures[figure].as_f64());
        points.extend(in_flight.zip(value));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}
