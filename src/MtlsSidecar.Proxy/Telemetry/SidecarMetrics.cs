using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>
/// What the sidecar counts. Names are public API: in Prometheus text a dot reads as an underscore, a counter ends in <c>_total</c> and a
/// unit is spelled out, so <c>mtls_sidecar.handshake.duration</c> in seconds is <c>mtls_sidecar_handshake_duration_seconds</c>.
/// Tags come from closed sets or from the configuration, never from a peer, so that nobody can fill the memory with series.
/// </summary>
internal sealed class SidecarMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "MtlsSidecar";

    /// <summary>Requests answered.</summary>
    public const string Requests = Prefix + "requests";

    /// <summary>Entries of CRLs, by issuer.</summary>
    public const string CrlEntries = Prefix + "crl.entries";

    /// <summary>When CRLs must have been replaced, by issuer.</summary>
    public const string CrlNextUpdate = Prefix + "crl.next_update.timestamp";

    private const string Prefix = "mtls_sidecar.";
    private const int MaxIssuerLength = 200;
    private const int MaxObservedCrls = 1_000;

    private static readonly InstrumentAdvice<double> HandshakeBuckets = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<double> RequestBuckets = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _handshakes;
    private readonly Histogram<double> _handshakeDuration;
    private readonly Counter<long> _connectionsClosed;
    private readonly RequestCounts _requests = new();
    private readonly Histogram<double> _requestDuration;
    private readonly Counter<long> _authorizationDecisions;
    private readonly Counter<long> _crlRefreshes;
    private readonly Counter<long> _ocspRequests;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _tunnelBytes;
    private readonly Counter<long> _tunnelsClosed;

    public SidecarMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName, BuildVersion.Text);
        _handshakes = _meter.CreateCounter<long>(Prefix + "handshakes", "{handshake}", "Mutual TLS handshakes by their result.");
        _handshakeDuration = _meter.CreateHistogram(
            Prefix + "handshake.duration", "s", "Time from the start of an accepted handshake to the validated peer.", tags: null, HandshakeBuckets);
        _connectionsClosed = _meter.CreateCounter<long>(
            Prefix + "connections.closed", "{connection}", "Live connections closed because their peer was no longer acceptable, by reason.");
        _meter.CreateObservableCounter(Requests, _requests.Observe, "{request}", "Requests answered, by status code.");
        _requestDuration = _meter.CreateHistogram(
            Prefix + "request.duration", "s", "Time from a request's headers to the end of its answer.", tags: null, RequestBuckets);
        _authorizationDecisions = _meter.CreateCounter<long>(
            Prefix + "authorization.decisions", "{decision}", "Authorization decisions, by what decided.");
        _crlRefreshes = _meter.CreateCounter<long>(Prefix + "crl.refresh", "{refresh}", "Loads of CRLs by their result.");
        _ocspRequests = _meter.CreateCounter<long>(Prefix + "ocsp.requests", "{request}", "OCSP requests by their result.");
        _reloads = _meter.CreateCounter<long>(Prefix + "reloads", "{reload}", "Reloads of files and configuration by their result.");
        _tunnelBytes = _meter.CreateCounter<long>(Prefix + "tunnel.bytes", "By", "Bytes carried by tunnels.");
        _tunnelsClosed = _meter.CreateCounter<long>(Prefix + "tunnel.closed", "{connection}", "Connections of tunnels that have ended, by reason.");
        _meter.CreateObservableGauge(Prefix + "build.info", ObserveBuild, unit: null, "Always 1; the tags tell the build.");
    }

    /// <summary>A peer completed its handshake and was validated.</summary>
    public void HandshakeAccepted(ConnectionDirection direction, TimeSpan duration)
    {
        _handshakes.Add(1, MetricTags.Direction(direction), new("result", "accepted"), new("reason", ""));
        _handshakeDuration.Record(duration.TotalSeconds, MetricTags.Direction(direction));
    }

    /// <summary>A peer's certificate was refused.</summary>
    public void HandshakeRefused(ConnectionDirection direction, RejectionReason reason)
        => _handshakes.Add(1, MetricTags.Direction(direction), new("result", "rejected"), new("reason", MetricTags.NameOf(reason)));

    /// <summary>A handshake ended before a certificate could be judged.</summary>
    /// <param name="direction">Who opened the connection.</param>
    /// <param name="reason">Why, out of a closed set: <c>tls</c>, <c>max_connections</c> and the like.</param>
    public void HandshakeFailed(ConnectionDirection direction, string reason)
        => _handshakes.Add(1, MetricTags.Direction(direction), new("result", "failed"), new("reason", reason));

    /// <summary>A live connection is closed because its peer is no longer acceptable.</summary>
    /// <param name="direction">Who opened the connection.</param>
    /// <param name="reason">Why, out of a closed set: the name of a <see cref="RejectionReason"/>, <c>denied</c> and the like.</param>
    public void ConnectionClosed(ConnectionDirection direction, string reason)
        => _connectionsClosed.Add(1, MetricTags.Direction(direction), new("reason", reason));

    /// <summary>A request has been answered to its end.</summary>
    public void RequestAnswered(ConnectionDirection direction, int statusCode, TimeSpan duration)
    {
        _requests.Add(direction, statusCode);
        _requestDuration.Record(duration.TotalSeconds, MetricTags.Direction(direction));
    }

    /// <summary>Authorization decided about a request or tunnel.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="source">What decided: the name of a configured policy, or a fixed word such as <c>default</c>.</param>
    public void AuthorizationDecided(AuthorizationAction decision, string source)
        => _authorizationDecisions.Add(1, new("decision", MetricTags.NameOf(decision)), new("source", source));

    /// <summary>A CRL was loaded from a file or URL, or refused.</summary>
    public void CrlRefreshed(bool succeeded) => _crlRefreshes.Add(1, Result(succeeded));

    /// <summary>An OCSP responder was asked.</summary>
    /// <param name="result">What came of it, out of a closed set: <c>good</c>, <c>revoked</c>, <c>unknown</c>, <c>failure</c>.</param>
    public void OcspAnswered(string result) => _ocspRequests.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>Something was read again.</summary>
    /// <param name="what">What, out of a closed set: <c>configuration</c>, <c>identity</c>, <c>trust</c> and the like.</param>
    /// <param name="succeeded">Whether the new one is in force; otherwise the old stays.</param>
    public void Reloaded(string what, bool succeeded) => _reloads.Add(1, new("what", what), Result(succeeded));

    /// <summary>A tunnel carried bytes.</summary>
    public void TunnelCarried(ConnectionDirection direction, bool toPeer, long bytes)
        => _tunnelBytes.Add(bytes, MetricTags.Direction(direction), new("way", toPeer ? "to_peer" : "from_peer"));

    /// <summary>A tunnel's connection has ended.</summary>
    public void TunnelClosed(ConnectionDirection direction, string tunnel, TunnelEndReason reason)
        => _tunnelsClosed.Add(1, MetricTags.Direction(direction), new("tunnel", tunnel), new("reason", MetricTags.NameOf(reason)));

    /// <summary>Shows how many connections of each direction are open. Call once.</summary>
    public void ObserveConnections(Func<ConnectionDirection, int> count) => _meter.CreateObservableGauge(
        Prefix + "connections",
        () => Enum.GetValues<ConnectionDirection>().Select(direction => new Measurement<int>(count(direction), MetricTags.Direction(direction))),
        "{connection}",
        "Open mutual TLS connections.");

    /// <summary>Shows when certificates end. Call once.</summary>
    public void ObserveCertificates(Func<IEnumerable<ObservedCertificate>> certificates) => _meter.CreateObservableGauge(
        Prefix + "certificate.not_after.timestamp",
        () => certificates().Select(certificate =>
            new Measurement<long>(certificate.NotAfter.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("role", certificate.Role))),
        "s",
        "When the certificate ends, in Unix time.");

    /// <summary>Shows the CRLs in memory. Call once.</summary>
    public void ObserveCrls(Func<IEnumerable<ObservedCrl>> crls)
    {
        _meter.CreateObservableGauge(
            CrlNextUpdate,
            () => Bounded().Where(crl => crl.NextUpdate is not null)
                .Select(crl => new Measurement<long>(crl.NextUpdate!.Value.ToUnixTimeSeconds(), Issuer(crl))),
            "s",
            "When the CRL must have been replaced, in Unix time.");
        _meter.CreateObservableGauge(
            CrlEntries,
            () => Bounded().Select(crl => new Measurement<long>(crl.Entries, Issuer(crl))),
            "{entry}",
            "Certificates that the CRL revokes.");

        // Partitioned and delta CRLs share their issuer: the one that ends first is what an alarm has to watch, and a series is one value.
        IEnumerable<ObservedCrl> Bounded() => crls().GroupBy(crl => crl.Issuer, StringComparer.Ordinal).Take(MaxObservedCrls)
            .Select(group => new ObservedCrl(group.Key, group.Min(crl => crl.NextUpdate), group.Sum(crl => crl.Entries)));

        static KeyValuePair<string, object?> Issuer(ObservedCrl crl)
            => new("issuer", crl.Issuer.Length <= MaxIssuerLength ? crl.Issuer : crl.Issuer[..MaxIssuerLength]);
    }

    /// <summary>Shows how many log lines were dropped because nobody read them. Call once.</summary>
    public void ObserveDroppedLogLines(Func<long> count)
        => _meter.CreateObservableCounter(Prefix + "log.dropped", count, "{line}", "Log lines dropped because their reader was too slow.");

    private static Measurement<int> ObserveBuild() => new(
        1,
        new KeyValuePair<string, object?>("version", BuildVersion.Text),
        new KeyValuePair<string, object?>("runtime", RuntimeInformation.FrameworkDescription));

    private static KeyValuePair<string, object?> Result(bool succeeded) => new("result", succeeded ? "success" : "failure");
}
