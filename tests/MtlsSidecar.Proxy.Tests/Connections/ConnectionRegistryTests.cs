using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Tests.Inbound;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Connections;

/// <summary>A change finds the connections that it concerns, and no others, whatever else happens to them meanwhile.</summary>
public sealed class ConnectionRegistryTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly List<TestAuthority> _issuers = [];
    private readonly ConnectionRegistry _registry = new(new RevalidationPolicy(StaleCutsConnections: false));

    public void Dispose()
    {
        _issuers.ForEach(issuer => issuer.Dispose());
        _root.Dispose();
    }

    [Fact]
    public async Task Connection_IsFoundByEveryCertificateOfItsPathButTheAnchor()
    {
        var peer = await PeerAsync("web", "Issuing 1");
        var other = await PeerAsync("users", "Issuing 2");
        var (live, neighbour) = (Open(peer), Open(other));

        _registry.Of(peer.Path.Certificates[0].Id).Should().Equal(live);
        _registry.Of(peer.Path.Certificates[1].Id).Should().Equal(live);
        _registry.Of(peer.Path.Anchor.Id).Should().BeEmpty();
        _registry.WithCertificate(certificate => certificate == other.Path.Certificates[1].Id).Should().Equal(neighbour);
    }

    [Fact]
    public async Task Connection_IsFoundByItsTrustDomain()
    {
        var (live, nameless) = (Open(await PeerAsync("web")), Open(await NamelessAsync()));

        _registry.OfTrustDomain(domain => domain == TrustDomain.Parse("foo.test")).Should().Equal(live);
        _registry.OfTrustDomain(domain => domain == TrustDomain.Parse("bar.test")).Should().BeEmpty();
        _registry.OfTrustDomain(domain => domain is null).Should().Equal(nameless);
    }

    [Fact]
    public async Task Connection_IsDueWhenItsVerdictEnds()
    {
        var peer = await PeerAsync("web");
        var live = Open(peer);
        var end = peer.ValidUntil;

        _registry.Due(end.AddSeconds(-1)).Should().BeEmpty();
        _registry.Due(end).Should().Equal(live);

        _registry.Postpone(live, end.AddMinutes(-10));
        _registry.Due(end.AddMinutes(-9)).Should().Equal([live], "what was postponed is due sooner than before");
    }

    [Fact]
    public async Task RenewedByAnotherPath_IsFoundByThatAndNoLongerByTheFirst()
    {
        var (first, second) = (await PeerAsync("web", "Issuing 1"), await PeerAsync("web", "Issuing 2"));
        var live = Open(first);

        _registry.Renew(live, second, _registry.BeginJudgement(), DateTimeOffset.UtcNow);

        _registry.Of(second.Path.Certificates[1].Id).Should().Equal(live);
        _registry.Of(first.Path.Certificates[1].Id).Should().BeEmpty();
    }

    [Fact]
    public async Task JudgementThatBeganEarlier_DoesNotOverwriteALaterOne()
    {
        var (first, second) = (await PeerAsync("web", "Issuing 1"), await PeerAsync("web", "Issuing 2"));
        var live = Open(first);
        var (earlier, later) = (_registry.BeginJudgement(), _registry.BeginJudgement());

        _registry.Renew(live, second, later, DateTimeOffset.UtcNow);
        _registry.Renew(live, first, earlier, DateTimeOffset.UtcNow);

        live.Peer.Should().BeSameAs(second);
        _registry.Of(second.Path.Certificates[1].Id).Should().Equal(live);
    }

    [Fact]
    public async Task ConnectionThatIsGone_IsNotBroughtBackByAReviewUnderWay()
    {
        var peer = await PeerAsync("web");
        var live = Open(peer);
        _registry.Remove(live);

        _registry.Renew(live, peer, _registry.BeginJudgement(), DateTimeOffset.UtcNow);
        _registry.Postpone(live, DateTimeOffset.UtcNow);

        _registry.All.Should().BeEmpty();
        _registry.Of(peer.Path.Leaf.Id).Should().BeEmpty();
        _registry.Due(DateTimeOffset.MaxValue).Should().BeEmpty();
        _registry.TryAdd(live, maxPerPeer: 1).Should().BeTrue("its place is free");
    }

    [Fact]
    public async Task ComingGoingAndRenewingAtOnce_LosesNobody()
    {
        ValidatedPeer[] paths = [await PeerAsync("web", "Issuing 1"), await PeerAsync("web", "Issuing 2")];
        var stays = Open(paths[0]);
        using var stop = new CancellationTokenSource();
        var others = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 2_000; round++)
            {
                var live = Open(paths[round % 2]);
                var renewal = Task.Run(() => _registry.Renew(live, paths[(round + 1) % 2], _registry.BeginJudgement(), DateTimeOffset.UtcNow));
                _registry.Remove(live);
                await renewal;
            }
        }));
        var renewing = Task.Run(() =>
        {
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                _registry.Renew(stays, paths[round % 2], _registry.BeginJudgement(), DateTimeOffset.UtcNow);
            }
        });
        var sweeping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // One leaf or the other: renewed in between or not, a sweep over both finds it.
                _registry.OfTrustDomain(_ => true).Should().Contain(stays);
                _registry.Due(DateTimeOffset.MaxValue).Should().Contain(stays);
            }
        });

        await Task.WhenAll(others);
        await stop.CancelAsync();
        await Task.WhenAll(renewing, sweeping);

        _registry.All.Should().Equal(stays);
        _registry.Due(DateTimeOffset.MaxValue).Should().Equal(stays);
        _registry.WithCertificate(_ => true).Distinct().Should().Equal(stays);
        _registry.Of(stays.Peer.Path.Leaf.Id).Should().Equal(stays);
    }

    [Fact]
    public async Task PeerAtItsLimit_GetsNoMoreOnThatListenerAloneUntilOneEnds()
    {
        var (web, users) = (await PeerAsync("web"), await PeerAsync("users"));
        var first = Connection(web, "Inbound");
        _registry.TryAdd(first, maxPerPeer: 1).Should().BeTrue();

        _registry.TryAdd(Connection(web, "Inbound"), maxPerPeer: 1).Should().BeFalse();
        _registry.TryAdd(Connection(users, "Inbound"), maxPerPeer: 1).Should().BeTrue("another peer has a share of its own");
        _registry.TryAdd(Connection(web, "Queue"), maxPerPeer: 1).Should().BeTrue("and so has another listener");
        _registry.All.Should().HaveCount(3, "who is over the limit is not registered");

        _registry.Remove(first);
        _registry.Remove(first);
        _registry.TryAdd(Connection(web, "Inbound"), maxPerPeer: 1).Should().BeTrue();
        _registry.TryAdd(Connection(web, "Inbound"), maxPerPeer: 1).Should().BeFalse("to remove one twice frees one place");
    }

    private async Task<ValidatedPeer> PeerAsync(string name, string issuer = "Issuing")
    {
        _issuers.Add(_root.CreateIntermediate(issuer));
        using var certificate = _issuers[^1].Issue(new IssueOptions { Uris = [$"spiffe://foo.test/{name}"] });
        return await ValidatedPeers.ValidateAsync(_root, certificate);
    }

    private async Task<ValidatedPeer> NamelessAsync()
    {
        using var certificate = _root.Issue(new IssueOptions { DnsNames = ["web.foo.test"] });
        return await ValidatedPeers.ValidateAsync(_root, certificate);
    }

    private LiveConnection Open(ValidatedPeer peer)
    {
        var live = Connection(peer, "Inbound");
        _registry.TryAdd(live, int.MaxValue).Should().BeTrue();
        return live;
    }

    private static LiveConnection Connection(ValidatedPeer peer, string listener)
        => new(ConnectionDirection.Inbound, listener, null, (peer, PeerExpectation.AnyClient), (Nothing, Nothing));

    private static void Nothing()
    {
    }
}
