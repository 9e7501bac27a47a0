using System.Globalization;
using System.Text.Json.Nodes;
using MtlsSidecar.Trust.Validation;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Conformance.Tests.Batch;

/// <summary>A suite's case as a line of <c>validate --batch</c>, answered by that command's own code.</summary>
internal sealed record BatchQuestion(ConformanceInput Input)
{
    public IReadOnlyList<ReadOnlyMemory<byte>> Crls { get; init; } = [];

    public ReadOnlyMemory<byte>? Ocsp { get; init; }

    /// <summary>Whose revocation is asked for; null leaves the key out.</summary>
    public string? Revocation { get; init; }

    /// <summary>The profile; that of the input unless a test wants the other.</summary>
    public ValidationProfile Profile { get; init; } = Input.Options.Profile;

    /// <summary>Asks and gives the one answer.</summary>
    public async Task<BatchAnswer> AskAsync()
    {
        using var lines = new StringReader(Line());
        using var answers = new StringWriter();
        await BatchRun.RunAsync(lines, answers, TimeProvider.System, CancellationToken.None);
        var answer = JsonNode.Parse(answers.ToString().Trim())!;
        answer["id"]!.GetValue<int>().Should().Be(1);
        return new BatchAnswer(answer["verdict"]!.GetValue<string>() == "accepted", answer["reason"]?.GetValue<string>(), answer["detail"]!.GetValue<string>());
    }

    private string Line()
    {
        var path = Input.Options.Path;
        var line = new JsonObject
        {
            ["id"] = 1,
            ["leaf"] = Base64(Input.Leaf),
            ["trust"] = Base64(Input.Anchors),
            ["untrusted"] = Base64(Input.Untrusted),
            ["crls"] = Base64(Crls),
            ["ocsp"] = Ocsp is { } response ? Base64(response) : null,
            ["usage"] = Word(Input.Usage),
            ["at"] = Input.At.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture),
            ["profile"] = Word(Profile),
            ["algorithmFloor"] = path.AlgorithmFloor,
            ["revocation"] = Revocation,
            ["policies"] = new JsonArray([.. path.Policies.Select(policy => JsonValue.Create(policy))]),
            ["requireExplicitPolicy"] = path.RequireExplicitPolicy,
            ["inhibitPolicyMapping"] = path.InhibitPolicyMapping,
            ["inhibitAnyPolicy"] = path.InhibitAnyPolicy,
            ["maxDepth"] = path.MaxDepth,
        };
        if (Input.Identities is [var identity])
        {
            line["identity"] = identity.ToString();
        }

        return line.ToJsonString();
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Base64(ReadOnlyMemory<byte> der) => Convert.ToBase64String(der.Span);

    private static JsonArray Base64(IEnumerable<ReadOnlyMemory<byte>> all) => new([.. all.Select(der => JsonValue.Create(Base64(der)))]);
}
