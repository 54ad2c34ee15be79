namespace MriLink.Core.Formats.Inventory;

/// <summary>What a file's or folder's name can say about whose scan it is.</summary>
internal enum NameKind
{
    /// <summary>It may name a person: "bert", "P007", "100307".</summary>
    Name,

    /// <summary>It says what is shown or how it is stored, and nothing else: "T1", "mri", "T1w_acpc_dc_restore_brain".</summary>
    Word,

    /// <summary>The same with a number: "T1_2", "IM0001", "series-3".</summary>
    Numbered,

    /// <summary>It names a visit: "session_1", "baseline", "20240117".</summary>
    Occasion,
}
