using System.Text.Json;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Limbo;

/// <summary>C2SP x509-limbo. Judged by the profile of the daemon wherever the case asks for a name that the daemon knows.</summary>
internal static class LimboSuite
{
    public const string File = "limbo/limbo.json";

    /// <summary>The suite's certificates are valid around this time when a case names none; it is also how its own harnesses read that.</summary>
    private static readonly DateTimeOffset DefaultTime = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The cases by id; empty when the data is missing.</summary>
    public static IReadOnlyDictionary<string, LimboCase> Cases { get; } = ReadCases();

    private static Dictionary<string, LimboCase> ReadCases()
        => ConformanceData.ReadJson(File).TryGetProperty("testcases", out var tests)
            ? tests.EnumerateArray().Select(ReadCase).ToDictionary(test => test.Id)
            : [];

    private static LimboCase ReadCase(JsonElement test) => new()
    {
        Id = test.GetProperty("id").GetString()!,
        Description = test.GetProperty("description").GetString()!,
        Features = [.. test.GetProperty("features").EnumerateArray().Select(feature => feature.GetString()!)],
        IsValid = test.GetProperty("expected_result").GetString() == "SUCCESS",
        Crls = Certificates(test, "crls"),
        Input = ReadInput(test),
    };

    private static ConformanceInput ReadInput(JsonElement test)
    {
        var identities = ReadIdentities(test);
        var options = identities.Count > 0 ? ValidationOptions.Workload : ValidationOptions.Rfc5280 with { Path = PathOptions.Workload };
        if (test.GetProperty("max_chain_depth") is { ValueKind: JsonValueKind.Number } depth)
        {
            options = options with { Path = options.Path with { MaxDepth = depth.GetInt32() } };
        }

        return new ConformanceInput
        {
            Leaf = Pem.Decode(test.GetProperty("peer_certificate").GetString()!),
            Untrusted = Certificates(test, "untrusted_intermediates"),
            Anchors = Certificates(test, "trusted_certs"),
            At = test.GetProperty("validation_time") is { ValueKind: JsonValueKind.String } time ? time.GetDateTimeOffset() : DefaultTime,
            Usage = test.GetProperty("validation_kind").GetString() == "CLIENT" ? CertificateUsage.Client : CertificateUsage.Server,
            Identities = identities,
            Options = options,
        };
    }

    /// <summary>The name of a server, as we'd dial it. Mailboxes are no identities of workloads: their cases are judged without one.</summary>
    private static List<IdentityPattern> ReadIdentities(JsonElement test)
    {
        var name = test.GetProperty("expected_peer_name");
        return name.ValueKind == JsonValueKind.Object && name.GetProperty("kind").GetString() is "DNS" or "IP"
            ? [IdentityPattern.ForHost(name.GetProperty("value").GetString()!)]
            : [];
    }

    private static List<ReadOnlyMemory<byte>> Certificates(JsonElement test, string property)
        => [.. test.GetProperty(property).EnumerateArray().Select(pem => Pem.Decode(pem.GetString()!))];
}
