//! Pages of the manual that are not about one command: `npio help TOPIC`, and `npio man TOPIC`.

/// A page. Its text has headings, which begin a line, and paragraphs, which are indented; what is indented further is
/// shown as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Topic {
    /// One word.
    pub(crate) name: &'static str,
    /// What it is about, on one line.
    pub(crate) about: &'static str,
    text: &'static str,
}

/// All of them.
pub(crate) const TOPICS: [Topic; 2] = [
    Topic {
        name: "addresses",
        about: "how files and the arrays in them are named",
        text: include_str!("addresses.txt"),
    },
    Topic {
        name: "text",
        about: "how tables, other text and raw items are read and written",
        text: include_str!("text.txt"),
    },
];

/// The page of this name.
pub(crate) fn find(name: &str) -> Option<Topic> {
    TOPICS.into_iter().find(|topic| topic.name == name)
}

/// A piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Heading(&'t str),
    /// A paragraph, whose lines may be broken elsewhere.
    Paragraph(Vec<&'t str>),
    /// Lines as they are.
    Lines(Vec<&'t str>),
}

impl Topic {
    /// The page, as a terminal shows it.
    pub(crate) fn text(self) -> &'static str {
        self.text
    }

    /// Its pieces, which empty lines separate.
    pub(crate) fn pieces(self) -> impl Iterator<Item = Piece<'static>> {
        self.text.split("\n\n").map(|piece| {
            let lines = piece.lines().filter(|line| !line.is_empty());
            match piece.trim_start_matches('\n') {
                heading if !heading.starts_with(' ') => Piece::Heading(heading.trim()),
                shown if shown.starts_with("      ") => {
                    Piece::Lines(lines.map(str::trim).collect())
                }
                _ => Piece::Paragraph(lines.map(str::trim).collect()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_all_kinds_of_pieces() {
        for topic in TOPICS {
            let pieces: Vec<_> = topic.pieces().collect();
            assert!(matches!(pieces.first(), Some(Piece::Heading(_))));
            assert!(
                pieces
                    .iter()
                    .any(|piece| matches!(piece, Piece::Paragraph(_)))
            );
            assert!(pieces.iter().any(|piece| matches!(piece, Piece::Lines(_))));
            assert!(
                topic.text().lines().all(|line| line.len() <= 80),
                "{}",
                topic.name
            );
            assert!(topic.text().ends_with('\n') && !topic.text().ends_with("\n\n"));
        }
    }
}
