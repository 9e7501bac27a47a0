using MtlsSidecar.Proxy.Configuration.Reading;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Sources of revocation are well formed; what weakens revocation or refuses everybody is warned of.</summary>
internal sealed class RevocationRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var validation = options.Validation;
        for (var index = 0; index < validation.Crl.Files.Count; index++)
        {
            if (validation.Crl.Files[index].Length == 0)
            {
                findings.Error($"Sidecar:Validation:Crl:Files:{index}", "must name a file");
            }
        }

        for (var index = 0; index < validation.Crl.AllowedHosts.Count; index++)
        {
            var host = validation.Crl.AllowedHosts[index];
            if (Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic)
            {
                // A list of entries that match no host would look like a restriction and be a standstill.
                findings.Error($"Sidecar:Validation:Crl:AllowedHosts:{index}", $"{Quoted.Text(host)} is not a host name or address");
            }
        }

        if (validation.Ocsp.Url is not null && !validation.Ocsp.Enabled)
        {
            findings.Warn("Sidecar:Validation:Ocsp:Url", "is set, but Sidecar:Validation:Ocsp:Enabled is false: it is not asked");
        }

        if (validation is { Ocsp: { Enabled: true, Url: { } url }, Crl.AllowedHosts: { Count: > 0 } hosts } && !hosts.Contains(url.IdnHost, StringComparer.OrdinalIgnoreCase))
        {
            findings.Error("Sidecar:Validation:Ocsp:Url", $"{Quoted.Text(url.IdnHost)} is not among Sidecar:Validation:Crl:AllowedHosts: it would never be asked");
        }

        if (validation is { Ocsp.Enabled: true, Revocation: RevocationMode.Off })
        {
            findings.Warn("Sidecar:Validation:Ocsp:Enabled", "is true, but Sidecar:Validation:Revocation is Off: nobody is asked");
        }

        WarnOfStrength(validation, findings);
        WarnOfDeadlines(options, findings);
    }

    private static void WarnOfStrength(ValidationOptions validation, ConfigurationFindings findings)
    {
        var hasSource = validation.Crl.Files.Count > 0 || validation.Crl.Urls.Count > 0 || validation.Ocsp is { Enabled: true, Url: not null };
        switch (validation)
        {
            case { Revocation: RevocationMode.Off }:
                findings.Warn("Sidecar:Validation:Revocation", "is Off: revoked peers are accepted");
                break;
            case { UnknownStatus: UnknownStatusPolicy.Accept }:
                findings.Warn("Sidecar:Validation:UnknownStatus", "is Accept: a revoked peer is accepted while no CRL or OCSP answer is usable");
                break;
            case { UnknownStatus: UnknownStatusPolicy.Reject } when !hasSource:
                findings.Warn(
                    "Sidecar:Validation:Crl",
                    "no CRL file, CRL URL or OCSP responder is configured: the revocation status of peers whose certificates name none is unknown, and they will be refused");
                break;
        }

        if (validation.Crl.MaxStaleness > TimeSpan.Zero)
        {
            findings.Warn("Sidecar:Validation:Crl:MaxStaleness", "is above zero: a revocation may stay unseen for that long after nextUpdate");
        }
    }

    private static void WarnOfDeadlines(SidecarOptions options, ConfigurationFindings findings)
    {
        var validation = options.Validation;
        if (options.Inbound is { } inbound && validation.Ocsp.Enabled && validation.Ocsp.Timeout >= inbound.HandshakeTimeout)
        {
            findings.Warn("Sidecar:Validation:Ocsp:Timeout", "is not below Sidecar:Inbound:HandshakeTimeout: the handshake ends first");
        }

        if (options.Inbound is { } listener && validation.Authority.Url is not null && validation.Authority.Timeout >= listener.HandshakeTimeout)
        {
            findings.Warn("Sidecar:Validation:Authority:Timeout", "is not below Sidecar:Inbound:HandshakeTimeout: the handshake ends first");
        }
    }
}
