using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Paths.Rules;

public sealed class NameConstraintRulesTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    [Theory]
    [InlineData("dns:foo.test", "dns:foo.test", true)]
    [InlineData("dns:foo.test", "dns:A.FOO.test", true)]
    [InlineData("dns:foo.test", "dns:barfoo.test", false)]
    [InlineData("dns:foo.test", "dns:*.foo.test", true)]
    [InlineData("dns:a.foo.test", "dns:*.foo.test", false)]
    [InlineData("dns:foo.test", "dns:.foo.test", false)]
    [InlineData("dns:foo.test", "dns:a..foo.test", false)]
    [InlineData("dns:foo.test", "ip:10.0.0.1", true)]
    [InlineData("dns:", "dns:anything.test", true)]
    [InlineData("uri:foo.test", "uri:spiffe://foo.test/ns/a", true)]
    [InlineData("uri:foo.test", "uri:spiffe://a.foo.test/ns/a", false)]
    [InlineData("uri:.foo.test", "uri:spiffe://a.foo.test/ns/a", true)]
    [InlineData("uri:.foo.test", "uri:spiffe://foo.test/ns/a", false)]
    [InlineData("uri:foo.test", "uri:https://foo.test:8443/?q", true)]
    [InlineData("uri:foo.test", "uri:https://user@foo.test/", false)]
    [InlineData("uri:foo.test", "uri:https://foo.test@bar.test/", false)]
    [InlineData("uri:foo.test", "uri:https://bar.test?@foo.test/", false)]
    [InlineData("uri:foo.test", "uri:https://bar.test\\@foo.test/", false)]
    [InlineData("uri:foo.test", "uri:urn:foo.test", false)]
    [InlineData("uri:10.0.0.1", "uri:https://10.0.0.1/", false)]
    [InlineData("email:a@foo.test", "email:a@FOO.test", true)]
    [InlineData("email:a@foo.test", "email:A@foo.test", false)]
    [InlineData("email:foo.test", "email:b@foo.test", true)]
    [InlineData("email:foo.test", "email:b@a.foo.test", false)]
    [InlineData("email:.foo.test", "email:b@a.foo.test", true)]
    [InlineData("email:.foo.test", "email:b@foo.test", false)]
    [InlineData("email:foo.test", "email:evil@bar.test@foo.test", false)]
    [InlineData("email:*@foo.test", "email:b@foo.test", false)]
    [InlineData("ip:0A000000FF000000", "ip:10.1.2.3", true)]
    [InlineData("ip:0A000000FF000000", "ip:11.1.2.3", false)]
    [InlineData("ip:0A000000FF000000", "ip:::ffff:10.1.2.3", false)]
    [InlineData("ip:20010DB8000000000000000000000000FFFFFFFF000000000000000000000000", "ip:2001:db8::1", true)]
    [InlineData("ip:20010DB8000000000000000000000000FFFFFFFF000000000000000000000000", "ip:10.0.0.1", false)]
    [InlineData("rid:1.2.3", "rid:1.2.3", false)]
    public void PermittedSubtree_AdmitsNamesInside(string subtree, string name, bool isAccepted)
        => Judge([subtree], [], name).Should().Be(isAccepted);

    [Theory]
    [InlineData("dns:foo.test", "dns:a.foo.test", false)]
    [InlineData("dns:foo.test", "dns:bar.test", true)]
    [InlineData("dns:a.foo.test", "dns:*.foo.test", false)]
    [InlineData("dns:b.a.foo.test", "dns:*.foo.test", true)]
    [InlineData("dns:foo.test", "dns:*.foo.test", false)]
    [InlineData("dns:foo.test", "dns:not a name", false)]
    [InlineData("dns:", "dns:anything.test", false)]
    [InlineData("uri:foo.test", "uri:spiffe://FOO.test/a", false)]
    [InlineData("uri:foo.test", "uri:spiffe://bar.test/a", true)]
    [InlineData("uri:foo.test", "uri:no uri at all", false)]
    [InlineData("email:foo.test", "email:a@foo.test", false)]
    [InlineData("email:foo.test", "email:nobody", false)]
    [InlineData("email:foo.test", "email:a@bar.test", true)]
    [InlineData("ip:0A000000FF000000", "ip:10.1.2.3", false)]
    [InlineData("ip:0A000000FF000000", "ip:2001:db8::1", true)]
    [InlineData("ip:0A000000FF000000", "ip:0A0000", false)]
    [InlineData("dir:O=Foo", "dir:CN=a, O=FOO", false)]
    [InlineData("rid:1.2.3", "rid:1.2.4", false)]
    [InlineData("rid:1.2.3", "dns:foo.test", true)]
    public void ExcludedSubtree_RefusesNamesInside(string subtree, string name, bool isAccepted)
        => Judge([], [subtree], name).Should().Be(isAccepted);

    [Theory]
    [InlineData("dns:*.foo.test")]
    [InlineData("dns:.foo.test")]
    [InlineData("uri:https://foo.test/")]
    [InlineData("email:@foo.test")]
    [InlineData("ip:0A000000")]
    [InlineData("ip:0A000000FF00FF00")]
    public void MalformedSubtree_IsRefusedWhateverTheName(string subtree)
    {
        Judge([subtree], [], "rid:1.2.3").Should().BeFalse();
        Judge([], [subtree], "rid:1.2.3").Should().BeFalse();
    }

    [Fact]
    public void ExcludedInsidePermitted_Wins()
    {
        Judge(["dns:foo.test"], ["dns:a.foo.test"], "dns:b.foo.test").Should().BeTrue();
        Judge(["dns:foo.test"], ["dns:a.foo.test"], "dns:a.foo.test").Should().BeFalse();
    }

    [Fact]
    public void NamesOfAnotherForm_CostNoComparison()
    {
        // 360,000 pairs, none of which is one to compare.
        var subtrees = Enumerable.Range(0, 600).Select(i => $"uri:a{i}.test").ToArray();
        var names = Enumerable.Range(0, 600).Select(i => $"dns:a{i}.test").ToArray();

        Judge(subtrees, [], names).Should().BeTrue();
        Judge(subtrees, [], [.. names.Select(name => "uri:spiffe://" + name[4..] + "/a")]).Should().BeFalse("that many pairs of one form are beyond the bound");
    }

    [Fact]
    public void EveryNameMustBeInside()
        => Judge(["dns:foo.test"], [], "dns:a.foo.test", "dns:bar.test").Should().BeFalse();

    [Fact]
    public void SubjectOutsideThePermittedDirectory_IsRefused()
    {
        Judge(["dir:O=Foo"], [], new IssueOptions { Subject = "CN=a, O=FOO" }).Should().BeTrue();
        Judge(["dir:O=Foo"], [], new IssueOptions { Subject = "CN=a, O=Bar" }).Should().BeFalse();
    }

    [Theory]
    [InlineData("dir:CN=b, O=foo", true)]
    [InlineData("dir:CN=b, O=Bar", false)]
    public void DirectoryNameBesideTheSubject_IsHeldToTheSameSubtrees(string name, bool isAccepted)
        => Judge(["dir:O=Foo"], [], new IssueOptions { Subject = "CN=a, O=Foo", Configure = request => request.AddNames(ForgedName.Parse(name)) }).Should().Be(isAccepted);

    [Fact]
    public void MailboxInTheSubject_IsHeldToMailboxConstraints()
    {
        Judge(["email:foo.test"], [], new IssueOptions { Subject = "E=a@foo.test" }).Should().BeTrue();
        Judge(["email:foo.test"], [], new IssueOptions { Subject = "E=a@bar.test" }).Should().BeFalse();
    }

    [Fact]
    public void CommonName_IsNoDnsName()
        => Judge(["dns:foo.test"], [], new IssueOptions { Subject = "CN=bar.test" }).Should().BeTrue();

    [Fact]
    public void ConstraintsOfAnUpperAuthority_ReachTheLeaf()
    {
        using var upper = _root.CreateIntermediate("Upper", request => request.AddNameConstraints([ForgedName.Dns("foo.test")], []));
        using var lower = upper.CreateIntermediate("Lower");
        using var leaf = lower.Issue(new IssueOptions { DnsNames = ["bar.test"] });

        var rejection = SearchCase.For(leaf, _root).Run().Search.Rejection;

        rejection.Reason.Should().Be(RejectionReason.NameConstraint);
        rejection.Certificate.Should().Be("CN=workload");
        rejection.Detail.Should().Contain("dns:bar.test");
    }

    [Fact]
    public void ConstraintsOfTheAnchor_Count()
    {
        using var anchor = TestAuthority.CreateRoot("Constrained", request => request.AddNameConstraints([], [ForgedName.Dns("foo.test")]));
        using var leaf = anchor.Issue(new IssueOptions { DnsNames = ["a.foo.test"] });

        SearchCase.For(leaf, anchor).Run().Search.Rejection.Reason.Should().Be(RejectionReason.NameConstraint);
    }

    [Fact]
    public void FloodOfNamesUnderAFloodOfSubtrees_EndsInARefusal()
    {
        var subtrees = Enumerable.Range(0, 600).Select(i => ForgedName.Dns($"n{i}.test")).ToArray();
        using var issuing = _root.CreateIntermediate("Flood", request => request.AddNameConstraints(subtrees, []));
        using var leaf = issuing.Issue(new IssueOptions { Configure = request => request.AddNames(subtrees) });

        var rejection = SearchCase.For(leaf, _root).Run().Search.Rejection;

        rejection.Reason.Should().Be(RejectionReason.NameConstraint);
        rejection.Detail.Should().Contain("comparisons");
    }

    public void Dispose() => _root.Dispose();

    private bool Judge(string[] permitted, string[] excluded, params string[] names)
        => Judge(permitted, excluded, new IssueOptions { Configure = request => request.AddNames([.. names.Select(ForgedName.Parse)]) });

    private bool Judge(string[] permitted, string[] excluded, IssueOptions issue)
    {
        using var issuing = _root.CreateIntermediate("Constrained", request =>
            request.AddNameConstraints([.. permitted.Select(ForgedName.Parse)], [.. excluded.Select(ForgedName.Parse)]));
        using var leaf = issuing.Issue(issue);
        var (path, search) = SearchCase.For(leaf, _root).Run();
        if (path is null)
        {
            search.Rejection.Reason.Should().BeOneOf(RejectionReason.NameConstraint, RejectionReason.Malformed);
            search.Rejection.Rule.Should().NotBe("X509Chain", "our own rules must have refused it: {0}", search.Rejection.Detail);
        }

        return path is not null;
    }
}
