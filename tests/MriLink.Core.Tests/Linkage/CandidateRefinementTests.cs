using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Tests.Similarity;

namespace MriLink.Core.Tests.Linkage;

public sealed class CandidateRefinementTests
{
    [Fact]
    public void A_mate_that_lies_a_voxel_off_is_found_again_and_only_candidates_are_touched()
    {
        PreparedVolume[] probes = [SimilarityFixtures.Prepare("r1", "n1")];
        PreparedVolume[] gallery = [Moved("r2", "n2"), Moved("r1", "n1"), SimilarityFixtures.Prepare("r3", "n3")];
        var scores = PairwiseScorer.ScoreAll(SimilarityMeasures.Default, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread);

        var refined = CandidateRefinement.Refine(scores, probes, gallery, SimilarityOptions.Default, candidates: 1, WorkOptions.SingleThread);
        var again = CandidateRefinement.Refine(scores, probes, gallery, SimilarityOptions.Default, candidates: 1, new(3, CancellationToken.None));

        // The shift is a whole voxel, so that a true alignment brings back the very values; the field's correlation a voxel away is 0.9.
        Assert.InRange(scores[0, 1], 0.5, 0.96);
        Assert.InRange(refined[0, 1], 0.98, 1);
        Assert.Equal(scores[0, 0], refined[0, 0]);
        Assert.Equal(scores[0, 2], refined[0, 2]);
        Assert.Equal(refined.Row(0).ToArray(), again.Row(0).ToArray());
    }

    [Fact]
    public void A_scan_is_never_its_own_candidate()
    {
        PreparedVolume[] volumes = [SimilarityFixtures.Prepare("r1", "n1"), Moved("r1", "n1")];
        var scores = PairwiseScorer.ScoreAll(SimilarityMeasures.Default, volumes, volumes, SimilarityOptions.Default, WorkOptions.SingleThread);

        var refined = CandidateRefinement.Refine(scores, volumes, volumes, SimilarityOptions.Default, candidates: 1, WorkOptions.SingleThread);

        Assert.Equal(scores[0, 0], refined[0, 0]);
        Assert.True(refined[0, 1] > scores[0, 1]);
    }

    [Fact]
    public void A_matrix_of_other_scans_is_refused()
    {
        PreparedVolume[] volumes = [SimilarityFixtures.Prepare("r1", "n1")];
        var scores = PairwiseScorer.ScoreAll(SimilarityMeasures.Default, volumes, volumes, SimilarityOptions.Default, WorkOptions.SingleThread);

        Assert.Throws<ArgumentException>(() =>
            CandidateRefinement.Refine(scores, volumes, [.. volumes, .. volumes], SimilarityOptions.Default, candidates: 1, WorkOptions.SingleThread));
    }

    // The volume and its mask one voxel along x.
    private static PreparedVolume Moved(string name, string mask)
    {
        PreprocessedVolume volume = SimilarityFixtures.Preprocessed(name, mask);
        var voxels = volume.ReadVoxels().Voxels;
        var inside = volume.BrainMask.Voxels;
        return PreparedVolume.Prepare(TestVolume.Preprocessed(
            new($"{name} moved"), new(volume.Geometry, [0, .. voxels.SkipLast(1)]), new(volume.Geometry, [false, .. inside.SkipLast(1)])));
    }
}
