using System.Text.Json;
using MtlsSidecar.Conformance.Tests.Revocation;

namespace MtlsSidecar.Conformance.Tests.Batch;

/// <summary>
/// BoringSSL's CRLs and OCSP responses through <c>validate --batch</c>: the issuers are the anchors, bare names and keys (RFC 5280
/// §6.1.1(d)), for none of the certificates says that it is an authority's.
/// </summary>
public sealed class BoringSslRevocationBatchTests
{
    public static TheoryData<string> Crls => BoringSslCrlTests.Cases;

    public static TheoryData<string> Responses => BoringSslOcspTests.Cases;

    [ConformanceTheory(BoringSslCrlTests.File)]
    [MemberData(nameof(Crls))]
    public async Task CrlLine_IsAnsweredAsExpected(string id)
    {
        var test = BoringSslCrlTests.Find(id);
        var question = new BatchQuestion(Input(test.GetProperty("cert"), test.GetProperty("issuers").EnumerateArray(), BoringSslCrlTests.ValidationTime))
        {
            Crls = [test.GetProperty("crl").GetBytesFromBase64()],
            Revocation = "leaf",
        };

        var answer = await question.AskAsync();

        answer.Status.Should().BeEquivalentTo(BoringSslCrlTests.ExpectedOf(test).ToString(), answer.ToString());
    }

    [ConformanceTheory(BoringSslOcspTests.File)]
    [MemberData(nameof(Responses))]
    public async Task OcspLine_IsAnsweredAsExpected(string id)
    {
        var test = BoringSslOcspTests.Find(id);
        var question = new BatchQuestion(Input(test.GetProperty("cert"), [test.GetProperty("issuer")], BoringSslOcspTests.ValidationTime))
        {
            Ocsp = test.GetProperty("response").GetBytesFromBase64(),
            Revocation = "leaf",
        };

        var answer = await question.AskAsync();

        answer.Status.Should().BeEquivalentTo(id == BoringSslOcspTests.NotDer ? "Malformed" : test.GetProperty("expected").GetString(), answer.ToString());
    }

    private static ConformanceInput Input(JsonElement leaf, IEnumerable<JsonElement> issuers, DateTimeOffset at) => new()
    {
        Leaf = leaf.GetBytesFromBase64(),
        Anchors = [.. issuers.Select(issuer => new ReadOnlyMemory<byte>(issuer.GetBytesFromBase64()))],
        At = at,
    };
}
