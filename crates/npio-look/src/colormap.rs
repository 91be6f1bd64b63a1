//! From a number between 0 and 1 to a colour: [`Colormap`].

use std::fmt;
use std::str::FromStr;

/// A colour: red, green and blue, as sRGB has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Black.
    pub const BLACK: Rgb = Rgb(0, 0, 0);
    /// White.
    pub const WHITE: Rgb = Rgb(255, 255, 255);
    /// What is not a number: no colour map has anything like it.
    pub const NAN: Rgb = Rgb(0xe0, 0x40, 0xa0);

    const fn of(hex: u32) -> Rgb {
        Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
    }

    /// The colour between this one and another, of which it has this part.
    #[must_use]
    pub fn mix(self, other: Rgb, part: f64) -> Rgb {
        let part = part.clamp(0.0, 1.0);
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
        Rgb(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// How bright it is to the eye: from 0 to 1.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = [self.0, self.1, self.2].map(f64::from);
        (0.299 * red + 0.587 * green + 0.114 * blue) / 255.0
    }
}

/// As in CSS: `#rrggbb`.
impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// A table of 256 colours.
///
/// ```
/// use npio_look::{Colormap, Rgb};
/// assert_eq!("viridis".parse(), Ok(Colormap::Viridis));
/// assert_eq!(Colormap::Gray.color(0.5), Rgb(128, 128, 128));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colormap {
    /// Matplotlib's default: from dark blue to yellow, equally bright steps.
    #[default]
    Viridis,
    /// From black to white.
    Gray,
    /// From red over white to blue, for values around 0.
    RdBu,
}

impl Colormap {
    /// All of them, in the order in which a viewer goes through them.
    pub const ALL: [Colormap; 3] = [Colormap::Viridis, Colormap::Gray, Colormap::RdBu];

    /// Its name, as in Matplotlib, in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Colormap::Viridis => "viridis",
            Colormap::Gray => "gray",
            Colormap::RdBu => "rdbu",
        }
    }

    /// The colours from the least value to the greatest.
    pub fn table(self) -> &'static [Rgb; 256] {
        match self {
            Colormap::Viridis => &VIRIDIS,
            Colormap::Gray => &GRAY,
            Colormap::RdBu => &RDBU,
        }
    }

    /// The colour at this place between 0 and 1; what is beyond has the colour of the end, and NaN one of its own.
    pub fn color(self, place: f64) -> Rgb {
        if place.is_nan() {
            return Rgb::NAN;
        }
        let index = (place.clamp(0.0, 1.0) * 255.0).round() as usize;
        self.table().get(index).copied().unwrap_or_default()
    }
}

impl FromStr for Colormap {
    type Err = String;

    fn from_str(name: &str) -> Result<Colormap, String> {
        let found = Colormap::ALL.into_iter().find(|map| map.name() == name);
        found.ok_or_else(|| "expected viridis, gray or rdbu".to_owned())
    }
}

static GRAY: [Rgb; 256] = {
    let mut table = [Rgb::BLACK; 256];
    let mut i = 0;
    while i < 256 {
        let level = i as u8;
        #[expect(
            clippy::indexing_slicing,
            reason = "a constant, checked by the compiler"
        )]
        {
            table[i] = Rgb(level, level, level);
        }
        i += 1;
    }
    table
};

static RDBU: [Rgb; 256] = between(&[
    0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xf7f7f7, 0xd1e5f0, 0x92c5de, 0x4393c3,
    0x2166ac, 0x053061,
]);

/// ColorBrewer gives eleven colours; those between are on straight lines, as in Matplotlib.
#[expect(
    clippy::indexing_slicing,
    reason = "a constant, checked by the compiler"
)]
const fn between(colors: &[u32; 11]) -> [Rgb; 256] {
    let mut table = [Rgb::BLACK; 256];
    let mut i = 0;
    while i < 256 {
        let (at, part) = (i * 10 / 255, i * 10 % 255);
        let from = Rgb::of(colors[at]);
        let to = Rgb::of(colors[if at < 10 { at + 1 } else { at }]);
        table[i] = Rgb(
            mix(from.0, to.0, part),
            mix(from.1, to.1, part),
            mix(from.2, to.2, part),
        );
        i += 1;
    }
    table
}

const fn mix(from: u8, to: u8, part: usize) -> u8 {
    ((from as usize * (255 - part) + to as usize * part + 127) / 255) as u8
}

#[expect(
    clippy::indexing_slicing,
    reason = "a constant, checked by the compiler"
)]
const fn colors(hex: &[u32; 256]) -> [Rgb; 256] {
    let mut table = [Rgb::BLACK; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = Rgb::of(hex[i]);
        i += 1;
    }
    table
}

static VIRIDIS: [Rgb; 256] = colors(&[
    0x440154, 0x440255, 0x440357, 0x450558, 0x45065a, 0x45085b, 0x46095c, 0x460b5e, 0x460c5f,
    0x460e61, 0x470f62, 0x471163, 0x471265, 0x471466, 0x471567, 0x471669, 0x47186a, 0x48196b,
    0x481a6c, 0x481c6e, 0x481d6f, 0x481e70, 0x482071, 0x482172, 0x482273, 0x482374, 0x472575,
    0x472676, 0x472777, 0x472878, 0x472a79, 0x472b7a, 0x472c7b, 0x462d7c, 0x462f7c, 0x46307d,
    0x46317e, 0x45327f, 0x45347f, 0x453580, 0x453681, 0x443781, 0x443982, 0x433a83, 0x433b83,
    0x433c84, 0x423d84, 0x423e85, 0x424085, 0x414186, 0x414286, 0x404387, 0x404487, 0x3f4587,
    0x3f4788, 0x3e4888, 0x3e4989, 0x3d4a89, 0x3d4b89, 0x3d4c89, 0x3c4d8a, 0x3c4e8a, 0x3b508a,
    0x3b518a, 0x3a528b, 0x3a538b, 0x39548b, 0x39558b, 0x38568b, 0x38578c, 0x37588c, 0x37598c,
    0x365a8c, 0x365b8c, 0x355c8c, 0x355d8c, 0x345e8d, 0x345f8d, 0x33608d, 0x33618d, 0x32628d,
    0x32638d, 0x31648d, 0x31658d, 0x31668d, 0x30678d, 0x30688d, 0x2f698d, 0x2f6a8d, 0x2e6b8e,
    0x2e6c8e, 0x2e6d8e, 0x2d6e8e, 0x2d6f8e, 0x2c708e, 0x2c718e, 0x2c728e, 0x2b738e, 0x2b748e,
    0x2a758e, 0x2a768e, 0x2a778e, 0x29788e, 0x29798e, 0x287a8e, 0x287a8e, 0x287b8e, 0x277c8e,
    0x277d8e, 0x277e8e, 0x267f8e, 0x26808e, 0x26818e, 0x25828e, 0x25838d, 0x24848d, 0x24858d,
    0x24868d, 0x23878d, 0x23888d, 0x23898d, 0x22898d, 0x228a8d, 0x228b8d, 0x218c8d, 0x218d8c,
    0x218e8c, 0x208f8c, 0x20908c, 0x20918c, 0x1f928c, 0x1f938b, 0x1f948b, 0x1f958b, 0x1f968b,
    0x1e978a, 0x1e988a, 0x1e998a, 0x1e998a, 0x1e9a89, 0x1e9b89, 0x1e9c89, 0x1e9d88, 0x1e9e88,
    0x1e9f88, 0x1ea087, 0x1fa187, 0x1fa286, 0x1fa386, 0x20a485, 0x20a585, 0x21a685, 0x21a784,
    0x22a784, 0x23a883, 0x23a982, 0x24aa82, 0x25ab81, 0x26ac81, 0x27ad80, 0x28ae7f, 0x29af7f,
    0x2ab07e, 0x2bb17d, 0x2cb17d, 0x2eb27c, 0x2fb37b, 0x30b47a, 0x32b57a, 0x33b679, 0x35b778,
    0x36b877, 0x38b976, 0x39b976, 0x3bba75, 0x3dbb74, 0x3ebc73, 0x40bd72, 0x42be71, 0x44be70,
    0x45bf6f, 0x47c06e, 0x49c16d, 0x4bc26c, 0x4dc26b, 0x4fc369, 0x51c468, 0x53c567, 0x55c666,
    0x57c665, 0x59c764, 0x5bc862, 0x5ec961, 0x60c960, 0x62ca5f, 0x64cb5d, 0x67cc5c, 0x69cc5b,
    0x6bcd59, 0x6dce58, 0x70ce56, 0x72cf55, 0x74d054, 0x77d052, 0x79d151, 0x7cd24f, 0x7ed24e,
    0x81d34c, 0x83d34b, 0x86d449, 0x88d547, 0x8bd546, 0x8dd644, 0x90d643, 0x92d741, 0x95d73f,
    0x97d83e, 0x9ad83c, 0x9dd93a, 0x9fd938, 0xa2da37, 0xa5da35, 0xa7db33, 0xaadb32, 0xaddc30,
    0xafdc2e, 0xb2dd2c, 0xb5dd2b, 0xb7dd29, 0xbade27, 0xbdde26, 0xbfdf24, 0xc2df22, 0xc5df21,
    0xc7e01f, 0xcae01e, 0xcde01d, 0xcfe11c, 0xd2e11b, 0xd4e11a, 0xd7e219, 0xdae218, 0xdce218,
    0xdfe318, 0xe1e318, 0xe4e318, 0xe7e419, 0xe9e419, 0xece41a, 0xeee51b, 0xf1e51c, 0xf3e51e,
    0xf6e61f, 0xf8e621, 0xfae622, 0xfde724,
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_middles_are_those_of_matplotlib() {
        let ends = |map: Colormap| {
            [map.color(0.0), map.color(127.0 / 255.0), map.color(1.0)].map(|c| c.to_string())
        };
        assert_eq!(ends(Colormap::Viridis), ["#440154", "#208f8c", "#fde724"]);
        assert_eq!(ends(Colormap::RdBu), ["#67001f", "#f7f6f6", "#053061"]);
        assert_eq!(ends(Colormap::Gray), ["#000000", "#7f7f7f", "#ffffff"]);
        assert_eq!(Colormap::Gray.color(f64::NAN), Rgb::NAN);
        assert_eq!(Colormap::Gray.color(f64::INFINITY), Rgb::WHITE);
        assert_eq!(Colormap::Gray.color(-3.0), Rgb::BLACK);
    }
}
