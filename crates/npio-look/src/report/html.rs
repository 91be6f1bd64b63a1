//! The page as HTML. Every text of a file goes through [`html`].

use super::picture::size;
use super::{ArrayReport, FileReport, Part, Report, Span};
use crate::escape::html;
use crate::legend::grouped;
use std::fmt::{self, Write};

const STYLE: &str = include_str!("style.css");

/// The most members that a bar has each for itself.
const MAX_SEGMENTS: usize = 40;

pub(super) fn page(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write_page(report, &mut out);
    out
}

fn write_page(report: &Report, out: &mut String) -> fmt::Result {
    let title = html(&report.title);
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"npio {}\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        env!("CARGO_PKG_VERSION")
    )?;
    let arrays = report.files.iter().map(|file| file.arrays.len()).sum();
    let bytes = report.files.iter().filter_map(|file| file.bytes).sum();
    let (files, arrays_text, size) = (
        count(report.files.len(), "file"),
        count(arrays, "array"),
        size(bytes),
    );
    writeln!(
        out,
        "<header>\n<h1>{title}</h1>\n<p class=\"faint\">{files} · {arrays_text} · {size}</p>\n</header>",
    )?;
    writeln!(out, "<main>")?;
    if arrays > 1 || report.files.len() > 1 {
        tree(report, out)?;
    }
    for (i, file) in report.files.iter().enumerate() {
        write_file(i, file, out)?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn count(count: usize, what: &str) -> String {
    format!(
        "{} {what}{}",
        grouped(count as u64),
        if count == 1 { "" } else { "s" }
    )
}

fn tree(report: &Report, out: &mut String) -> fmt::Result {
    writeln!(out, "<nav class=\"tree card\">")?;
    for (i, file) in report.files.iter().enumerate() {
        let (path, mark) = (
            html(&file.path),
            if file.errors.is_empty() { "" } else { " ⚠" },
        );
        if let ([array], []) = (&file.arrays[..], &file.others[..])
            && array.name.is_empty()
        {
            let (dtype, shape) = (html(&array.dtype), html(&array.shape));
            writeln!(
                out,
                "<p><a href=\"#f{i}\">{path}</a> <code class=\"faint\">{dtype} {shape}</code>{mark}</p>"
            )?;
            continue;
        }
        writeln!(
            out,
            "<details open><summary><a href=\"#f{i}\">{path}</a>{mark}</summary>\n<ul>"
        )?;
        for (j, array) in file.arrays.iter().enumerate() {
            let [name, dtype, shape] =
                [&array.name, &array.dtype, &array.shape].map(|text| html(text));
            let name = if array.name.is_empty() {
                "0".to_owned()
            } else {
                name.to_string()
            };
            writeln!(
                out,
                "<li><a href=\"#a{i}-{j}\">{name}</a> <code class=\"faint\">{dtype} {shape}</code></li>"
            )?;
        }
        for (name, bytes) in &file.others {
            writeln!(
                out,
                "<li>{} <span class=\"faint\">{}</span></li>",
                html(name),
                size(*bytes)
            )?;
        }
        writeln!(out, "</ul></details>")?;
    }
    writeln!(out, "</nav>")
}

fn write_file(index: usize, file: &FileReport, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "<section id=\"f{index}\">\n<h2>{}</h2>",
        html(&file.path)
    )?;
    let mut facts: Vec<String> = file
        .kind
        .iter()
        .map(|kind| html(kind).to_string())
        .collect();
    if let Some(bytes) = file.bytes {
        let exactly = count(bytes as usize, "byte");
        facts.push(if bytes < 1000 {
            exactly
        } else {
            format!("{} ({exactly})", size(bytes))
        });
    }
    facts.push(count(file.arrays.len(), "array"));
    writeln!(out, "<p class=\"faint\">{}</p>", facts.join(" · "))?;
    for error in &file.errors {
        writeln!(out, "<p class=\"error\">{}</p>", html(error))?;
    }
    if !file.spans.is_empty() {
        bytes(file, out)?;
    }
    for (i, array) in file.arrays.iter().enumerate() {
        write_array(&format!("a{index}-{i}"), array, out)?;
    }
    writeln!(out, "</section>")
}

impl Part {
    fn class(self) -> &'static str {
        match self {
            Part::Header => "header",
            Part::Items => "items",
            Part::Pickle => "pickle",
            Part::Zip => "zip",
            Part::Other => "other",
            Part::After => "after",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Part::Header => "headers",
            Part::Items => "items",
            Part::Pickle => "pickled objects",
            Part::Zip => "zip records",
            Part::Other => "other members",
            Part::After => "after the last array",
        }
    }
}

/// Where the bytes go: a bar in which each part has its share, and what the parts are.
fn bytes(file: &FileReport, out: &mut String) -> fmt::Result {
    writeln!(out, "<div class=\"card\">\n<h3>Where the bytes go</h3>")?;
    let total = file.spans.iter().map(|span| span.bytes).sum::<u64>().max(1);
    let mut segments: Vec<&Span> = file.spans.iter().filter(|span| span.bytes > 0).collect();
    let rest: u64 = segments
        .iter()
        .skip(MAX_SEGMENTS)
        .map(|span| span.bytes)
        .sum();
    segments.truncate(MAX_SEGMENTS);
    let more = Span {
        part: Part::Other,
        name: "others".to_owned(),
        bytes: rest,
    };
    segments.extend((rest > 0).then_some(&more));
    write!(out, "<div class=\"bar\">")?;
    for span in segments {
        let (class, name) = (span.part.class(), html(&span.name));
        // Shares with three digits, so that nothing that is there vanishes.
        let share = (span.bytes as f64 / total as f64 * 1000.0).max(1.0).round();
        let text = count(span.bytes as usize, "byte");
        write!(
            out,
            "<span class=\"{class}\" style=\"flex:{share} 1 0\" title=\"{name}: {text}\"></span>"
        )?;
    }
    writeln!(out, "</div>\n<ul class=\"keys\">")?;
    for part in [
        Part::Items,
        Part::Pickle,
        Part::Header,
        Part::Zip,
        Part::Other,
        Part::After,
    ] {
        let bytes: u64 = file
            .spans
            .iter()
            .filter(|span| span.part == part)
            .map(|span| span.bytes)
            .sum();
        if bytes > 0 {
            let percent = bytes as f64 / total as f64 * 100.0;
            let percent = if percent < 0.1 {
                "under 0.1".to_owned()
            } else {
                format!("{percent:.1}")
            };
            let (class, name, text) = (part.class(), part.name(), count(bytes as usize, "byte"));
            writeln!(
                out,
                "<li><i class=\"{class}\"></i>{name}: {text} <span class=\"faint\">{percent} %</span></li>"
            )?;
        }
    }
    writeln!(out, "</ul>\n</div>")
}

fn write_array(id: &str, array: &ArrayReport, out: &mut String) -> fmt::Result {
    writeln!(out, "<article id=\"{id}\" class=\"card array\">\n<div>")?;
    if !array.name.is_empty() {
        writeln!(out, "<h3>{}</h3>", html(&array.name))?;
    }
    write!(out, "<p class=\"facts\">")?;
    for fact in [&array.dtype, &array.shape].into_iter().chain(&array.facts) {
        write!(out, "<span class=\"mono\">{}</span>", html(fact))?;
    }
    writeln!(out, "</p>")?;
    if let Some(error) = &array.error {
        writeln!(out, "<p class=\"error\">{}</p>", html(error))?;
    }
    if !array.stats.is_empty() {
        write!(out, "<dl class=\"stats\">")?;
        for (name, value) in &array.stats {
            write!(
                out,
                "<div><dt>{}</dt><dd>{}</dd></div>",
                html(name),
                html(value)
            )?;
        }
        writeln!(out, "</dl>")?;
    }
    if let Some(note) = &array.note {
        writeln!(out, "<p class=\"faint\">{}</p>", html(note))?;
    }
    if !array.fields.is_empty() {
        writeln!(
            out,
            "<table><thead><tr><th>field<th>dtype<th>min<th>max<th>NaN</tr></thead><tbody>"
        )?;
        for field in &array.fields {
            write!(out, "<tr>")?;
            for cell in field {
                write!(out, "<td class=\"mono\">{}</td>", html(cell))?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table>")?;
    }
    writeln!(out, "</div>\n<div class=\"pictures\">")?;
    for (picture, caption) in [&array.pictures.thumbnail, &array.pictures.histogram]
        .into_iter()
        .flatten()
    {
        writeln!(
            out,
            "<figure>{picture}<figcaption>{}</figcaption></figure>",
            html(caption)
        )?;
    }
    writeln!(out, "</div>")?;
    if !array.values.is_empty() {
        let lines = array.values.lines().map(|line| html(line).to_string());
        let values = lines.collect::<Vec<_>>().join("\n");
        writeln!(
            out,
            "<details class=\"values\"><summary>values</summary><pre>{values}</pre></details>"
        )?;
    }
    writeln!(out, "</article>")
}
