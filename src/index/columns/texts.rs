//! Texts of many rows end to end in one arena.

#[derive(Clone, Debug, Default)]
pub(in crate::index) struct Texts {
    ends: Vec<u32>,
    text: String,
}

impl Texts {
    #[inline]
    pub(in crate::index) fn text(&self, row: usize) -> &str {
        let Some(end) = self.ends.get(row) else { return "" };
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..*end as usize]
    }

    /// Adds or replaces a text. Rows left out between are empty.
    pub(in crate::index) fn put(&mut self, row: usize, text: &str) {
        if self.ends.len() <= row {
            self.ends.resize(row, position(self.text.len()));
            self.text.push_str(text);
            self.ends.push(position(self.text.len()));
            return;
        }
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        let end = self.ends[row] as usize;
        self.text.replace_range(start..end, text);
        let (shorter, longer) = (position(end - start), position(text.len()));
        self.ends[row..].iter_mut().for_each(|end| *end = *end - shorter + longer);
    }

    pub(in crate::index) fn shrink(&mut self) {
        self.ends.shrink_to_fit();
        self.text.shrink_to_fit();
    }
}

fn position(length: usize) -> u32 {
    u32::try_from(length).expect("the texts of one attribute in one part of a load stay below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_can_be_left_out_and_replaced() {
        let mut texts = Texts::default();
        texts.put(1, "一");
        texts.put(3, "three");
        texts.put(1, "eins");
        texts.put(0, "null");
        texts.put(3, "");
        texts.put(4, "four");
        let all: Vec<&str> = (0..6).map(|row| texts.text(row)).collect();
        assert_eq!(all, ["null", "eins", "", "", "four", ""]);
    }
}
