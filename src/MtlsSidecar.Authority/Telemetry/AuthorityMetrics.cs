using System.Diagnostics.Metrics;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Telemetry;

/// <summary>
/// What the server counts. Names are public API: a dot reads as an underscore in Prometheus text, and counters end in <c>_total</c>.
/// Tags come from closed sets, never from a caller.
/// </summary>
internal sealed class AuthorityMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "MtlsAuthority";

    private const string Prefix = "mtls_authority.";
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _issued;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _validations;
    private readonly Counter<long> _ocspAnswers;
    private readonly Counter<long> _crls;

    public AuthorityMetrics()
    {
        _meter = new Meter(MeterName);
        _requests = _meter.CreateCounter<long>(Prefix + "requests", "{request}", "Requests answered, by listener and status code.");
        _issued = _meter.CreateCounter<long>(Prefix + "certificates_issued", "{certificate}", "Certificates issued by this server, by kind and origin.");
        _refusals = _meter.CreateCounter<long>(Prefix + "refusals", "{request}", "Enrolments and callers refused, by reason.");
        _validations = _meter.CreateCounter<long>(Prefix + "validations", "{chain}", "Chains judged, by verdict and reason.");
        _ocspAnswers = _meter.CreateCounter<long>(Prefix + "ocsp_responses", "{response}", "OCSP responses, by what they say.");
        _crls = _meter.CreateCounter<long>(Prefix + "crls_signed", "{crl}", "Attempts of this server to sign and publish a CRL, by result.");
    }

    /// <summary>A request was answered.</summary>
    public void Answered(string listener, int statusCode) => _requests.Add(1, new("listener", listener), new("code", statusCode));

    /// <summary>A certificate was issued.</summary>
    public void Issued(CertificateRecord certificate)
        => _issued.Add(1, new("kind", certificate.Kind.ToString()), new("origin", certificate.Origin));

    /// <summary>An enrolment or a caller was refused.</summary>
    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A chain was judged.</summary>
    public void Validated(string verdict, string? reason) => _validations.Add(1, new("verdict", verdict), new("reason", reason ?? ""));

    /// <summary>An OCSP request was answered.</summary>
    public void OcspAnswered(string status) => _ocspAnswers.Add(1, new KeyValuePair<string, object?>("status", status));

    /// <summary>A CRL was signed and published, or not.</summary>
    public void CrlSigned(bool succeeded) => _crls.Add(1, new KeyValuePair<string, object?>("result", succeeded ? "success" : "failure"));

    /// <summary>Shows the CRLs in force. Call once.</summary>
    public void ObserveCrls(Func<IEnumerable<CrlRecord>> crls)
    {
        _meter.CreateObservableGauge(
            Prefix + "crl_next_update_timestamp_seconds",
            () => crls().Select(crl => new Measurement<long>(crl.NextUpdate.ToUnixTimeSeconds(), Issuer(crl.Issuer))),
            unit: null,
            "When the published CRL must have been replaced, in Unix time.");
        _meter.CreateObservableGauge(
            Prefix + "crl_number", () => crls().Select(crl => new Measurement<long>(crl.Number, Issuer(crl.Issuer))), unit: null, "Number of the published CRL.");
    }

    /// <summary>Shows when issuers' certificates end. Call once.</summary>
    public void ObserveIssuers(Func<IEnumerable<IssuerRecord>> issuers) => _meter.CreateObservableGauge(
        Prefix + "issuer_not_after_timestamp_seconds",
        () => issuers().Select(issuer => new Measurement<long>(issuer.Certificate.NotAfter.ToUnixTimeSeconds(), Issuer(issuer.Name))),
        unit: null,
        "When the issuer's certificate ends, in Unix time.");

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Issuer(string name) => new("issuer", name);
}
