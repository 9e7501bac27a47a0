using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Validation;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Validation;

/// <summary>Which step a refusal names, of jobs as the command makes them.</summary>
public sealed class ExplainedStepTests : BatchHouse
{
    [Fact]
    public async Task UsageOfAnIntermediate_IsNotBlamedOnTheLeaf()
    {
        using var servers = Root.CreateIntermediate("Servers", request =>
            request.Replace(new X509EnhancedKeyUsageExtension([new Oid(IssueOptions.ServerAuthentication)], critical: false)));
        using var leaf = servers.Issue(new IssueOptions { Uris = ["spiffe://foo.test/a"] });
        var job = Job(leaf.Certificate.RawData) with { Usage = "client", Untrusted = [Convert.ToBase64String(servers.Certificate.RawData)] };

        var (_, refusal) = await StepsAsync(job);

        refusal.Step.Should().Be(ValidationStep.Path);
        refusal.Certificate.Should().Be("CN=Servers");
        refusal.Rule.Should().Be("RFC 5280 §4.2.1.12");
    }

    [Fact]
    public async Task WhatWasNotAsked_DoesNotReadAsPassed()
    {
        using var leaf = Root.Issue(new IssueOptions { Uris = ["spiffe://foo.test/a"] });

        var steps = await OutcomesAsync(Job(leaf.Certificate.RawData));
        steps.Should().Equal("ok", "ok", "ok", "ok", "not asked", "not asked");
        steps = await OutcomesAsync(Job(leaf.Certificate.RawData) with { Profile = "rfc5280" });
        steps.Should().Equal("ok", "not asked", "not asked", "ok", "not asked", "not asked");
        steps = await OutcomesAsync(Job(leaf.Certificate.RawData) with { Identity = "spiffe://foo.test/a", Revocation = "chain", Unknown = "accept" });
        steps.Should().Equal("ok", "ok", "ok", "ok", "ok", "ok");
    }

    [Theory]
    [InlineData("revocation", ValidationStep.Validators)]
    [InlineData("identity", ValidationStep.Expectation)]
    [InlineData("leaf", ValidationStep.Reading)]
    public async Task EveryRefusal_NamesItsStep(string flaw, ValidationStep step)
    {
        using var leaf = Root.Issue(new IssueOptions { Uris = ["spiffe://foo.test/a"] });
        var job = Job(leaf.Certificate.RawData);
        job = flaw switch
        {
            "revocation" => job with { Revocation = "chain" },
            "identity" => job with { Identity = "spiffe://foo.test/b" },
            _ => job with { Leaf = "MAA=" },
        };

        (await StepsAsync(job)).Refusal.Step.Should().Be(step);
    }

    private BatchLine Job(byte[] leaf) => new() { Leaf = Convert.ToBase64String(leaf), Trust = [Convert.ToBase64String(Root.Certificate.RawData)] };

    private static async Task<List<string>> OutcomesAsync(BatchLine line)
    {
        var job = ValidationInput.ToJob(line, DateTimeOffset.UtcNow);
        var outcome = await ValidationRun.JudgeAsync(job, CancellationToken.None);
        return [.. VerdictSteps.Of(outcome.Verdict, VerdictSteps.NotAskedBy(job)).Select(step => step.Outcome)];
    }

    private static async Task<(ValidationOutcome Outcome, PeerRejection Refusal)> StepsAsync(BatchLine line)
    {
        var outcome = await ValidationRun.JudgeAsync(ValidationInput.ToJob(line, DateTimeOffset.UtcNow), CancellationToken.None);
        return (outcome, outcome.Verdict.Should().BeOfType<PeerValidation.Rejected>().Subject.Rejection);
    }
}
