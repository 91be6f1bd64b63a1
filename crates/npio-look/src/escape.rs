//! Texts of files, which say what they like, in HTML and XML: [`html`].

use std::fmt;

/// A text that is shown as it is, between tags and in quoted attributes. Characters that are not visible, or change
/// the direction of those around them, are written as their numbers, and so is what XML does not allow.
pub(crate) fn html(text: &str) -> impl fmt::Display + '_ {
    Html(text)
}

struct Html<'a>(&'a str);

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if c == ' ' || npio::dtype::python::is_printable(c) => write!(f, "{c}")?,
                c => write!(f, "{}", npio::dtype::python::escaped(c.into()))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn nothing_is_markup_and_nothing_is_hidden() {
        let name = "</title><script>alert('1')</script>\"&\u{202e}\u{0}\n é 数";
        assert_eq!(
            html(name).to_string(),
            "&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\\u202e\\x00\\x0a é 数"
        );
    }
}
