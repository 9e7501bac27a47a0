namespace MtlsSidecar.Conformance.Tests.Batch;

/// <summary>The command's answer to one line.</summary>
internal sealed record BatchAnswer(bool IsAccepted, string? Reason, string Detail)
{
    /// <summary>What it says of the leaf's status, by the words of BoringSSL's suites; a refusal for another reason is none of them.</summary>
    public string Status => Reason switch
    {
        null => "good",
        "Revoked" => "revoked",
        "RevocationUnknown" => "unknown",
        _ => Reason,
    };

    public override string ToString() => $"{Reason ?? "accepted"}: {Detail}";
}
