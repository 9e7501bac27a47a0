using System.Text.Json;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.BetterTls;

/// <summary>Netflix BetterTLS: path building and name constraints, judged by the profile of the daemon as a server that we dial.</summary>
internal static class BetterTlsSuite
{
    public const string File = "bettertls/bettertls.json";

    /// <summary>The cases by id; empty when the data is missing.</summary>
    public static IReadOnlyDictionary<string, BetterTlsCase> Cases { get; } = ReadCases();

    private static Dictionary<string, BetterTlsCase> ReadCases()
    {
        var suite = ConformanceData.ReadJson(File);
        if (!suite.TryGetProperty("testcases", out var tests))
        {
            return [];
        }

        var root = suite.GetProperty("trustRoot").GetBytesFromBase64();
        var at = suite.GetProperty("validationTime").GetDateTimeOffset();
        return tests.EnumerateArray().Select(test => ReadCase(test, root, at)).ToDictionary(test => test.Id);
    }

    private static BetterTlsCase ReadCase(JsonElement test, ReadOnlyMemory<byte> root, DateTimeOffset at) => new()
    {
        Id = test.GetProperty("id").GetString()!,
        IsValid = test.GetProperty("expected").GetString() == "ACCEPT",
        Input = new ConformanceInput
        {
            Leaf = test.GetProperty("leaf").GetBytesFromBase64(),
            Untrusted = [.. test.GetProperty("others").EnumerateArray().Select(other => new ReadOnlyMemory<byte>(other.GetBytesFromBase64()))],
            Anchors = [root],
            At = at,
            Usage = CertificateUsage.Server,
            Identities = [IdentityPattern.ForHost(test.GetProperty("hostname").GetString()!)],
            Options = ValidationOptions.Workload,
        },
    };
}
