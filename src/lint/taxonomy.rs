//! The groups and roles of the Podcast Taxonomy, which `podcast:person` takes.

const GROUPS: [&str; 11] = [
    "cast",
    "creative direction",
    "writing",
    "audio production",
    "audio post-production",
    "administration",
    "visuals",
    "community",
    "misc.",
    "video production",
    "video post-production",
];

const ROLES: [&str; 56] = [
    "host",
    "co-host",
    "guest host",
    "guest",
    "voice actor",
    "narrator",
    "announcer",
    "reporter",
    "director",
    "assistant director",
    "executive producer",
    "senior producer",
    "producer",
    "associate producer",
    "development producer",
    "creative director",
    "author",
    "editorial director",
    "co-writer",
    "writer",
    "songwriter",
    "guest writer",
    "story editor",
    "managing editor",
    "script editor",
    "script coordinator",
    "researcher",
    "editor",
    "fact checker",
    "translator",
    "transcriber",
    "logger",
    "studio coordinator",
    "technical director",
    "technical manager",
    "audio engineer",
    "remote recording engineer",
    "post production engineer",
    "audio editor",
    "sound designer",
    "foley artist",
    "composer",
    "theme music",
    "music production",
    "music contributor",
    "production coordinator",
    "booking coordinator",
    "production assistant",
    "content manager",
    "marketing manager",
    "sales representative",
    "sales manager",
    "graphic designer",
    "cover art designer",
    "social media manager",
    "consultant",
];

/// Whether the group is in the taxonomy, in whatever case.
pub(crate) fn has_group(group: &str) -> bool {
    GROUPS.contains(&group.trim().to_lowercase().as_str())
}

/// Whether the role is in the taxonomy, in whatever case.
pub(crate) fn has_role(role: &str) -> bool {
    let role = role.trim().to_lowercase();
    ROLES.contains(&role.as_str())
        || matches!(
            role.as_str(),
            "intern"
                | "camera operator"
                | "lighting designer"
                | "camera grip"
                | "assistant camera"
                | "assistant editor"
        )
}
