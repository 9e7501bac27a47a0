using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>What certificates share: all of them, and from <see cref="Responders"/> on those under one trust anchor.</summary>
internal sealed record OcspContext(OcspClient Client, TimeProvider TimeProvider)
{
    /// <summary>How often the status of a certificate in use is asked again.</summary>
    public required TimeSpan RefreshInterval { get; init; }

    /// <summary>Who named the responders.</summary>
    public required FetchOrigin Origin { get; init; }

    public required IOcspObserver? Observer { get; init; }

    /// <summary>Ends all requests.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>Hears that a certificate's status is no longer what was relied upon.</summary>
    public required Action<OcspCertificate> Changed { get; init; }

    /// <summary>Which responders don't answer.</summary>
    public OcspResponders Responders { get; init; } = new(TimeProvider);

    /// <summary>Limits the requests at one time.</summary>
    public RequestSlots Slots { get; init; } = new(atOnce: 1);

    /// <summary>Hears that a certificate's refresh is due; it goes on only while the certificate is in use.</summary>
    public Action<OcspCertificate> Due { get; init; } = static _ => { };
}
