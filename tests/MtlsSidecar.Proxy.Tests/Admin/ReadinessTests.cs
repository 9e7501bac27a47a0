using MtlsSidecar.Proxy.Admin;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Tests.Admin;

public sealed class ReadinessTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly ListenerDirectory _listeners = new();
    private readonly DrainState _drain = new();
    private readonly X509Svid _svid;
    private readonly AnchorSource _anchors;
    private readonly DateTimeOffset _start;

    public ReadinessTests()
    {
        _start = _clock.GetUtcNow();
        using var own = _root.Issue(new IssueOptions { Uris = ["spiffe://foo.test/web"], NotBefore = _start.AddHours(-1), NotAfter = _start.AddHours(1) });
        _svid = X509Svid.FromPem(own.CertificatePem, own.KeyPem);
        ParsedCertificate.TryParse(_root.Certificate.RawDataMemory, out var anchor, out _).Should().BeTrue();
        _anchors = new AnchorSource([anchor!]);
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void LoadedAndUnexpired_IsReady() => Reasons().Should().BeEmpty();

    [Fact]
    public void ExpiredOwnCertificate_IsUnreadyWithItsReason()
    {
        _clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));

        Reasons().Should().ContainSingle().Which.Should().StartWith("own certificate expired at");
    }

    [Fact]
    public void OwnCertificateOfTheFuture_IsUnreadyWithItsReason()
    {
        using var future = _root.Issue(new IssueOptions { Uris = ["spiffe://foo.test/web"], NotBefore = _start.AddMinutes(1), NotAfter = _start.AddHours(1) });
        var svid = X509Svid.FromPem(future.CertificatePem, future.KeyPem);

        Reasons(svid).Should().ContainSingle().Which.Should().StartWith("own certificate is not valid before");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Reasons(svid).Should().BeEmpty();
    }

    [Fact]
    public void NoOwnCertificateYet_IsUnreadyWithItsReason() => Reasons(svid: null).Should().Equal("no own certificate yet");

    [Fact]
    public void ExpiredTrust_IsUnreadyWithItsReason()
    {
        _clock.Advance(_root.Certificate.NotAfter - _start + TimeSpan.FromSeconds(1));

        Reasons().Should().HaveCount(2).And.Contain("all trust anchors have expired");
    }

    [Fact]
    public void Draining_IsUnreadyWithItsReason()
    {
        _drain.TryBegin();

        Reasons().Should().Equal("draining");
    }

    [Fact]
    public void ListenerThatIsNotBound_IsNeitherReadyNorStarted()
    {
        var listener = new SidecarListener(ListenerRole.Inbound, "Inbound", EndpointAddress.Parse("https://127.0.0.1:0"));
        var endpoint = ListenEndPoint.Of(listener.Address);
        _listeners.Add(endpoint, listener);
        Reasons().Should().Equal("listeners are not bound");
        Create(_svid).StartupReasons().Should().NotBeEmpty();

        _listeners.Bound(listener, endpoint);

        Reasons().Should().BeEmpty();
        Create(_svid).StartupReasons().Should().BeEmpty();
    }

    private IReadOnlyList<string> Reasons() => Reasons(_svid);

    private IReadOnlyList<string> Reasons(X509Svid? svid) => Create(svid).Reasons();

    private Readiness Create(X509Svid? svid) => new(new OneSvid(svid), _anchors, _listeners, _drain, _clock);

    private sealed class OneSvid(X509Svid? current) : ISvidSource
    {
        public event Action? Rotated
        {
            add { }
            remove { }
        }

        public X509Svid? Current => current;

        public string? LastError => null;
    }
}
