namespace MriLink.Core.Linkage;

/// <summary>What is wrong with two scans' labels.</summary>
public enum LabelProblem
{
    /// <summary>Both carry one label and look like different people: one of them is labelled wrongly.</summary>
    OneLabelTwoPeople,

    /// <summary>Both carry one label and look like one person only when left and right of one of them are exchanged.</summary>
    OneLabelMirrored,

    /// <summary>They carry different labels and look like one person: a duplicate, a leak, or a wrong label; or close relatives.</summary>
    TwoLabelsOnePerson,
}
