//! Apple's categories of podcasts, which all directories take over.

/// Each category with its subcategories.
const CATEGORIES: [(&str, &[&str]); 19] = [
    ("Arts", &["Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"]),
    (
        "Business",
        &["Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"],
    ),
    ("Comedy", &["Comedy Interviews", "Improv", "Stand-Up"]),
    ("Education", &["Courses", "How To", "Language Learning", "Self-Improvement"]),
    ("Fiction", &["Comedy Fiction", "Drama", "Science Fiction"]),
    ("Government", &[]),
    (
        "Health & Fitness",
        &["Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"],
    ),
    ("History", &[]),
    ("Kids & Family", &["Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"]),
    (
        "Leisure",
        &[
            "Animation & Manga",
            "Automotive",
            "Aviation",
            "Crafts",
            "Games",
            "Hobbies",
            "Home & Garden",
            "Video Games",
        ],
    ),
    ("Music", &["Music Commentary", "Music History", "Music Interviews"]),
    (
        "News",
        &[
            "Business News",
            "Daily News",
            "Entertainment News",
            "News Commentary",
            "Politics",
            "Sports News",
            "Tech News",
        ],
    ),
    (
        "Religion & Spirituality",
        &["Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"],
    ),
    (
        "Science",
        &[
            "Astronomy",
            "Chemistry",
            "Earth Sciences",
            "Life Sciences",
            "Mathematics",
            "Natural Sciences",
            "Nature",
            "Physics",
            "Social Sciences",
        ],
    ),
    (
        "Society & Culture",
        &["Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"],
    ),
    (
        "Sports",
        &[
            "Baseball",
            "Basketball",
            "Cricket",
            "Fantasy Sports",
            "Football",
            "Golf",
            "Hockey",
            "Rugby",
            "Running",
            "Soccer",
            "Swimming",
            "Tennis",
            "Volleyball",
            "Wilderness",
            "Wrestling",
        ],
    ),
    (
        "TV & Film",
        &["After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"],
    ),
    ("Technology", &[]),
    ("True Crime", &[]),
];

/// A category, spelled as Apple does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Category {
    pub(crate) main: &'static str,
    pub(crate) below: Option<&'static str>,
}

/// Why something is no category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CategoryFault {
    /// The category, where only what stands behind `>` is unknown.
    pub(crate) main: Option<&'static str>,
    /// Those that can stand in its place, the most alike first.
    known: Vec<&'static str>,
}

impl CategoryFault {
    /// What to write, as the end of a sentence.
    pub(crate) fn instead(&self) -> String {
        match (self.main, self.known.as_slice()) {
            (Some(main), []) => format!("`{main}` alone"),
            (Some(main), [nearest, ..]) => {
                format!("one of {} behind `{main} >`, as `{main} > {nearest}`", self.known())
            }
            (None, _) => format!("one of {}; a subcategory follows after `>`", self.known()),
        }
    }

    fn known(&self) -> String {
        self.known.join(", ")
    }
}

/// The category that is written, as `Arts` or `Arts > Books`, in whatever case, with `and` for `&`.
pub(crate) fn category(text: &str) -> Result<Category, CategoryFault> {
    let (first, second) = text.split_once('>').unwrap_or((text, ""));
    let found = CATEGORIES.iter().find(|(name, _)| folded(name) == folded(first));
    let Some((main, below)) = found else {
        let names = CATEGORIES.iter().map(|(name, _)| *name);
        return Err(CategoryFault { main: None, known: by_likeness(names.collect(), first) });
    };
    if second.trim().is_empty() {
        return Ok(Category { main, below: None });
    }
    match below.iter().find(|name| folded(name) == folded(second)) {
        Some(below) => Ok(Category { main, below: Some(below) }),
        None => {
            let known = by_likeness(below.to_vec(), second);
            Err(CategoryFault { main: Some(main), known })
        }
    }
}

fn by_likeness(mut names: Vec<&'static str>, wanted: &str) -> Vec<&'static str> {
    let alike = |name: &&str| strsim::normalized_levenshtein(&folded(name), &folded(wanted));
    names.sort_by(|a, b| alike(b).total_cmp(&alike(a)));
    names
}

fn folded(name: &str) -> String {
    let words: Vec<String> =
        name.replace('&', " and ").split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_read_in_any_case_and_spelled_as_apple_does() {
        let is = |text: &str, main, below| {
            assert_eq!(category(text), Ok(Category { main, below }), "{text}")
        };
        is("Arts", "Arts", None);
        is(" society AND culture >documentary", "Society & Culture", Some("Documentary"));
        is("TV & Film >", "TV & Film", None);
        let fault = category("Tecnology").unwrap_err();
        assert!(fault.instead().starts_with("one of Technology, "), "{}", fault.instead());
        let fault = category("Arts > Bocks").unwrap_err();
        assert!(fault.instead().ends_with("as `Arts > Books`"), "{}", fault.instead());
        assert_eq!(category("History > Rome").unwrap_err().instead(), "`History` alone");
    }
}
