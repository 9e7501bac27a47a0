using System.Text.Json.Nodes;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Validation;

/// <summary>A small PKI and batches about it.</summary>
public abstract class BatchHouse : IDisposable
{
    protected TestAuthority Root { get; } = TestAuthority.CreateRoot();

    /// <summary>Answers a batch.</summary>
    internal static async Task<List<JsonNode>> AskAsync(params string[] lines)
    {
        using var input = new StringReader(string.Join('\n', lines));
        using var answers = new StringWriter();
        await BatchRun.RunAsync(input, answers, TimeProvider.System, CancellationToken.None);
        return [.. answers.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>Answers one line: that a leaf under the root is good, save for what a test changes.</summary>
    protected async Task<JsonNode> AskAsync(Action<JsonObject> change, IssueOptions? options = null)
        => (await AskAsync(Line(change, options))).Should().ContainSingle().Subject;

    /// <summary>The line.</summary>
    protected string Line(Action<JsonObject>? change = null, IssueOptions? options = null)
    {
        using var leaf = Root.Issue(options ?? new IssueOptions { Uris = ["spiffe://foo.test/a"] });
        var line = new JsonObject
        {
            ["id"] = "x",
            ["leaf"] = Convert.ToBase64String(leaf.Certificate.RawData),
            ["trust"] = new JsonArray(Convert.ToBase64String(Root.Certificate.RawData)),
        };
        change?.Invoke(line);
        return line.ToJsonString();
    }

    /// <summary>The reason of an answer; null when accepted.</summary>
    internal static string? Reason(JsonNode answer) => answer["reason"]?.GetValue<string>();

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        GC.SuppressFinalize(this);
    }
}
