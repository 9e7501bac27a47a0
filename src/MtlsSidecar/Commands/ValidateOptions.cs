using System.CommandLine;
using System.Text.Json;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Commands;

/// <summary>The options of <c>validate</c>. A batch line has the same names in camelCase.</summary>
internal sealed class ValidateOptions
{
    private readonly Argument<string?> _certificate = new("CERT.pem") { Description = "The certificate, PEM; further certificates in the file count as untrusted.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string[]> _trust = new("--trust") { Description = "Trust anchors, PEM; may be repeated.", HelpName = "PEM" };
    private readonly Option<string[]> _untrusted = new("--untrusted") { Description = "Intermediates, PEM; may be repeated.", HelpName = "PEM" };
    private readonly Option<string[]> _crl = new("--crl") { Description = "CRLs, PEM or DER; may be repeated.", HelpName = "FILE" };
    private readonly Option<string?> _ocsp = new("--ocsp") { Description = "An OCSP response, DER.", HelpName = "FILE" };
    private readonly Option<string?> _usage = new("--usage") { Description = "client, server or any (default).", HelpName = "USAGE" };
    private readonly Option<string?> _at = new("--at") { Description = "The time to judge for (default now).", HelpName = "RFC3339" };
    private readonly Option<string?> _identity = new("--identity") { Description = "Who it must be: SPIFFE ID, dns:NAME or ip:ADDRESS.", HelpName = "ID" };
    private readonly Option<string?> _profile = new("--profile") { Description = "rfc5280 or workload (default).", HelpName = "PROFILE" };
    private readonly Option<string?> _algorithmFloor = new("--algorithm-floor") { Description = "on or off; default on for workload, off for rfc5280.", HelpName = "on|off" };
    private readonly Option<string?> _revocation = new("--revocation") { Description = "off, leaf or chain; default chain if there is a CRL or OCSP response, else off.", HelpName = "MODE" };
    private readonly Option<string?> _unknown = new("--unknown") { Description = "What an unknown status means: reject (default) or accept.", HelpName = "POLICY" };
    private readonly Option<string[]> _policy = new("--policy") { Description = "user-initial-policy-set; may be repeated (default any).", HelpName = "OID" };
    private readonly Option<bool> _requireExplicitPolicy = new("--require-explicit-policy") { Description = "initial-explicit-policy." };
    private readonly Option<bool> _inhibitPolicyMapping = new("--inhibit-policy-mapping") { Description = "initial-policy-mapping-inhibit." };
    private readonly Option<bool> _inhibitAnyPolicy = new("--inhibit-any-policy") { Description = "initial-any-policy-inhibit." };
    private readonly Option<int?> _maxDepth = new("--max-depth") { Description = "Intermediates at most (default 8).", HelpName = "N" };

    /// <summary>A file of jobs, or <c>-</c>.</summary>
    public Option<string?> Batch { get; } = new("--batch") { Description = "One JSON object a line (- for standard input); answers one a line.", HelpName = "FILE.jsonl" };

    /// <summary>Whether to answer in JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Answer with a JSON object." };

    /// <summary>Adds them to the command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_certificate);
        Option[] all =
        [
            _trust, _untrusted, _crl, _ocsp, _usage, _at, _identity, _profile, _algorithmFloor, _revocation, _unknown,
            _policy, _requireExplicitPolicy, _inhibitPolicyMapping, _inhibitAnyPolicy, _maxDepth, Batch, Json,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads the options and the files that they name.</summary>
    /// <exception cref="FormatException">A required one is missing.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public BatchLine Read(ParseResult parsed)
    {
        var certificate = ReadText(parsed.GetValue(_certificate) ?? throw new FormatException("a certificate file is required, or --batch"));
        return Options(parsed) with
        {
            Leaf = certificate,
            Trust = Texts(parsed.GetValue(_trust)),
            Untrusted = [.. Texts(parsed.GetValue(_untrusted)), certificate],
        };
    }

    private BatchLine Options(ParseResult parsed) => new()
    {
        Crls = [.. (parsed.GetValue(_crl) ?? []).Select(ReadBytes)],
        Ocsp = parsed.GetValue(_ocsp) is { } ocsp ? ReadBytes(ocsp) : null,
        Usage = parsed.GetValue(_usage),
        At = parsed.GetValue(_at),
        Identity = parsed.GetValue(_identity),
        Profile = parsed.GetValue(_profile),
        AlgorithmFloor = parsed.GetValue(_algorithmFloor) is { } floor ? JsonSerializer.SerializeToElement(floor, BatchJson.Default.String) : null,
        Revocation = parsed.GetValue(_revocation),
        Unknown = parsed.GetValue(_unknown),
        Policies = parsed.GetValue(_policy) ?? [],
        RequireExplicitPolicy = parsed.GetValue(_requireExplicitPolicy),
        InhibitPolicyMapping = parsed.GetValue(_inhibitPolicyMapping),
        InhibitAnyPolicy = parsed.GetValue(_inhibitAnyPolicy),
        MaxDepth = parsed.GetValue(_maxDepth),
    };

    private static string[] Texts(string[]? files) => [.. (files ?? []).Select(ReadText)];

    /// <summary>Certificates are PEM by the contract; DER is told apart by its first byte and taken as well.</summary>
    private static string ReadText(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return bytes is [0x30, ..] ? Convert.ToBase64String(bytes) : System.Text.Encoding.ASCII.GetString(bytes);
    }

    private static string ReadBytes(string file) => Convert.ToBase64String(File.ReadAllBytes(file));
}
