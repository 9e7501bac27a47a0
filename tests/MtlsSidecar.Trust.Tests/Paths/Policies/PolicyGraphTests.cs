using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Policies;

namespace MtlsSidecar.Trust.Tests.Paths.Policies;

/// <summary>What PKITS doesn't ask: the policies that come out, and hostile mappings.</summary>
public sealed class PolicyGraphTests
{
    private const string Any = PolicyGraph.AnyPolicy;
    private readonly PolicyGraph _graph = new();

    [Fact]
    public void PolicyOnEveryCertificate_Holds()
    {
        Descend("1.1");
        Descend("1.1", "1.2");

        _graph.ConstrainedTo([]).Should().Equal("1.1");
        _graph.ConstrainedTo(["1.2"]).Should().BeEmpty();
    }

    [Fact]
    public void CertificateWithoutPolicies_EndsAllPolicies()
    {
        Descend("1.1");
        _graph.Descend(null, anyPolicyCounts: true);

        _graph.IsEmpty.Should().BeTrue();
        _graph.ConstrainedTo([]).Should().BeEmpty();
    }

    [Fact]
    public void MappedPolicy_IsNamedAsTheAnchorNamesIt()
    {
        Descend("1.1");
        _graph.Map([new PolicyMapping("1.1", "2.1"), new PolicyMapping("1.1", "2.2")]);
        Descend("2.2");

        _graph.ConstrainedTo([]).Should().Equal("1.1");
    }

    [Fact]
    public void AnyPolicyThatNoLongerCounts_AssertsNothing()
    {
        Descend(Any);
        _graph.Descend([new PolicyInformation(Any, false)], anyPolicyCounts: false);

        _graph.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void AnyPolicyToTheEnd_HoldsForWhateverIsAccepted()
    {
        Descend(Any);
        Descend(Any);

        _graph.ConstrainedTo(["1.1", "1.2"]).Should().BeEquivalentTo("1.1", "1.2");
    }

    [Fact]
    public void InhibitedMapping_DropsThePolicy()
    {
        Descend("1.1", "1.2");
        _graph.DropMapped([new PolicyMapping("1.1", "2.1")]);
        Descend("1.1", "1.2");

        _graph.ConstrainedTo([]).Should().Equal("1.2");
    }

    [Fact]
    public void MappingOfEveryPolicyToEveryPolicy_GrowsTheGraphByOneLevelACertificate()
    {
        // In the tree of RFC 5280 §6.1.2 thirty levels of this would have 20^30 nodes.
        var policies = Enumerable.Range(1, 20).Select(i => $"1.{i}").ToArray();
        var mappings = policies.SelectMany(issuer => policies.Select(subject => new PolicyMapping(issuer, subject))).ToList();
        for (var level = 0; level < 30; level++)
        {
            Descend(policies);
            _graph.Map(mappings);
        }

        _graph.ConstrainedTo([]).Should().BeEquivalentTo(policies);
    }

    private void Descend(params string[] policies)
        => _graph.Descend([.. policies.Select(policy => new PolicyInformation(policy, false))], anyPolicyCounts: true);
}
