using System.Text.Json.Nodes;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Validation;

/// <summary>Every line is answered, in order, whatever stands in it.</summary>
public sealed class BatchRunTests : BatchHouse
{
    [Theory]
    [InlineData("5")]
    [InlineData("\"x\"")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("{\"a\":[1,\"b\"]}")]
    [InlineData("1234567890123456789012345")]
    public async Task Id_IsHandedBackWhateverItIs(string id)
    {
        var answers = await AskAsync(Line(line => line["id"] = JsonNode.Parse(id)), $$"""{"id":{{id}},"unknown":1}""");

        answers.Select(Reason).Should().Equal(null, "Malformed");
        answers.Should().AllSatisfy(answer => (answer["id"]?.ToJsonString() ?? "null").Should().Be(id));
    }

    [Fact]
    public async Task NullForAnyKey_CountsAsAbsent()
    {
        var answer = await AskAsync(line =>
        {
            foreach (var key in new[]
            {
                "untrusted", "crls", "ocsp", "usage", "at", "identity", "profile", "algorithmFloor", "revocation", "unknown", "policies",
                "requireExplicitPolicy", "inhibitPolicyMapping", "inhibitAnyPolicy", "maxDepth",
            })
            {
                line[key] = null;
            }
        });

        Reason(answer).Should().BeNull(answer["detail"]!.ToString());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("{\"id\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"leaf\":null}")]
    [InlineData("{\"leaf\":\"AAAA\",\"trust\":[null]}")]
    [InlineData("{\"leaf\":\"AAAA\",\"crls\":[null]}")]
    [InlineData("{\"leaf\":\"\ufffd\"}")]
    [InlineData("{\"leaf\":5}")]
    [InlineData("{\"misspelt\":5}")]
    public async Task LineThatCantBeRead_IsAnsweredAndStopsNothing(string line)
    {
        var answers = await AskAsync(Line(), line, Line());

        answers.Select(Reason).Should().Equal(null, "Malformed", null);
    }

    [Fact]
    public async Task EmptyLines_AreAnsweredSaveAtTheEnd()
    {
        var answers = await AskAsync("", Line(), " ", Line(), "", "");

        answers.Select(Reason).Should().Equal("Malformed", null, "Malformed", null);
    }

    [Theory]
    [InlineData("identity", "\"ip:garbage\"")]
    [InlineData("identity", "\"spiffe://foo.test/**\"")]
    [InlineData("at", "\"11/27/2026\"")]
    [InlineData("maxDepth", "-1")]
    [InlineData("usage", "\"Client\"")]
    [InlineData("algorithmFloor", "1")]
    public async Task ValueThatIsNone_IsMalformedAndNeverIgnored(string key, string value)
        => Reason(await AskAsync(line => line[key] = JsonNode.Parse(value))).Should().Be("Malformed");

    [Fact]
    public async Task AnyNumberOfIntermediatesMayBeAllowed()
        => Reason(await AskAsync(line => line["maxDepth"] = 255)).Should().BeNull();

    [Fact]
    public async Task AnchorThatCantBeRead_IsLeftOutAndTold()
    {
        var answer = await AskAsync(line => line["trust"]!.AsArray().Insert(0, "AAAA"));

        Reason(answer).Should().BeNull();
        answer["detail"]!.ToString().Should().Contain("trust anchor 1:");
    }

    [Fact]
    public async Task NoAnchorThatCanBeRead_IsMalformed()
        => Reason(await AskAsync(line => line["trust"] = new JsonArray("AAAA", "AAAA"))).Should().Be("Malformed");

    [Fact]
    public async Task CrlThatCantBeRead_IsToldAndCoversNothing()
    {
        var answer = await AskAsync(line => line["crls"] = new JsonArray("MAA="));

        Reason(answer).Should().Be("RevocationUnknown");
        answer["detail"]!.ToString().Should().Contain("CRL 1:");
    }

    [Fact]
    public async Task CrlThatRevokes_Revokes()
    {
        using var leaf = Root.Issue(new IssueOptions { Uris = ["spiffe://foo.test/a"] });
        var answer = await AskAsync(line =>
        {
            line["leaf"] = Convert.ToBase64String(leaf.Certificate.RawData);
            line["crls"] = new JsonArray(Convert.ToBase64String(Root.CreateCrl([leaf.Certificate])));
        });

        Reason(answer).Should().Be("Revoked");
    }

    [Theory]
    [InlineData("identity", "\"spiffe://foo.test/a\"", null)]
    [InlineData("identity", "\"spiffe://foo.test/b\"", "IdentityMismatch")]
    [InlineData("usage", "\"client\"", null)]
    [InlineData("usage", "\"server\"", "WrongKeyUsage")]
    [InlineData("at", "\"2001-01-01T00:00:00Z\"", "NotYetValid")]
    [InlineData("at", "\"2101-01-01T00:00:00Z\"", "Expired")]
    [InlineData("revocation", "\"leaf\"", "RevocationUnknown")]
    [InlineData("revocation", "\"off\"", null)]
    [InlineData("requireExplicitPolicy", "true", "PolicyConstraint")]
    public async Task Option_DecidesTheVerdict(string key, string value, string? reason)
    {
        var client = new IssueOptions { Uris = ["spiffe://foo.test/a"], Usages = [IssueOptions.ClientAuthentication] };

        Reason(await AskAsync(line => line[key] = JsonNode.Parse(value), client)).Should().Be(reason);
    }

    [Theory]
    [InlineData(null, "WeakAlgorithm")]
    [InlineData("workload", "WeakAlgorithm")]
    [InlineData("rfc5280", null)]
    public async Task AlgorithmFloor_IsThatOfTheProfile(string? profile, string? reason)
    {
        var weak = new IssueOptions { Uris = ["spiffe://foo.test/a"], SignatureHash = System.Security.Cryptography.HashAlgorithmName.SHA1 };

        Reason(await AskAsync(line => line["profile"] = profile, weak)).Should().Be(reason);
    }

    [Fact]
    public async Task WithACrl_TheWholeChainIsCheckedUnlessSaidOtherwise()
    {
        using var issuing = Root.CreateIntermediate("Issuing");
        using var leaf = issuing.Issue(new IssueOptions { Uris = ["spiffe://foo.test/a"] });
        void Change(JsonObject line)
        {
            line["leaf"] = Convert.ToBase64String(leaf.Certificate.RawData);
            line["untrusted"] = new JsonArray(Convert.ToBase64String(issuing.Certificate.RawData));
            line["crls"] = new JsonArray(Convert.ToBase64String(issuing.CreateCrl([])), Convert.ToBase64String(Root.CreateCrl([issuing.Certificate])));
        }

        Reason(await AskAsync(Change)).Should().Be("Revoked");
        Reason(await AskAsync(line =>
        {
            Change(line);
            line["revocation"] = "leaf";
        })).Should().BeNull();
    }

    [Fact]
    public async Task TooManyIntermediates_AreMalformed()
    {
        var answer = await AskAsync(line => line["untrusted"] = new JsonArray([.. Enumerable.Repeat("AAAA", ValidationInput.MaxUntrusted + 1).Select(text => (JsonNode)text)]));

        Reason(answer).Should().Be("Malformed");
    }

    [Fact]
    public async Task IntermediateBehindAHundredOthers_IsFound()
    {
        using var issuing = Root.CreateIntermediate("Issuing");
        using var leaf = issuing.Issue(new IssueOptions { Uris = ["spiffe://foo.test/a"] });
        var answer = await AskAsync(line =>
        {
            line["leaf"] = Convert.ToBase64String(leaf.Certificate.RawData);
            var untrusted = new JsonArray();
            for (var i = 0; i < 100; i++)
            {
                using var other = Root.CreateIntermediate($"Other {i}");
                untrusted.Add(Convert.ToBase64String(other.Certificate.RawData));
            }

            untrusted.Add(Convert.ToBase64String(issuing.Certificate.RawData));
            line["untrusted"] = untrusted;
        });

        Reason(answer).Should().BeNull(answer["detail"]!.ToString());
    }

    [Theory]
    [InlineData("rfc5280", null)]
    [InlineData("workload", "NotAuthority")]
    public async Task BareAnchor_IsTheRfcsAlone(string profile, string? reason)
    {
        using var bare = Root.CreateIntermediate("Bare", request => request.Remove("2.5.29.19"));
        using var leaf = bare.Issue(new IssueOptions { Uris = ["spiffe://foo.test/a"] });
        var answer = await AskAsync(line =>
        {
            line["leaf"] = Convert.ToBase64String(leaf.Certificate.RawData);
            line["trust"] = new JsonArray(Convert.ToBase64String(bare.Certificate.RawData));
            line["profile"] = profile;
        });

        Reason(answer).Should().Be(reason, answer["detail"]!.ToString());
    }
}
