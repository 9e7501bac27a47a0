using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.Proxy.Tests.Inbound;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;
using TrustCrlOptions = MtlsSidecar.Trust.Revocation.Crl.CrlOptions;

namespace MtlsSidecar.Proxy.Tests.Connections;

/// <summary>What a reload does to open connections, also while the certification authority's server doesn't answer.</summary>
public sealed class ConnectionRevalidationTests : IDisposable
{
    private const string Outbound = "amqp-out";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();
    private readonly ConnectionRegistry _registry = new(new RevalidationPolicy(StaleCutsConnections: false));
    private readonly AuthorizationState _authorization = new(Allowing("web"));
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HangingValidator _hanging = new();

    [Fact]
    public async Task ReviewThatWaitsForAServer_HoldsUpNoOther()
    {
        using var revalidation = Start();
        await OpenAsync("web");
        await OpenAsync("users");

        revalidation.ReviewAll();

        // The second is asked about while the first still waits.
        await _hanging.Asked.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        await _hanging.Asked.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        _hanging.Release.SetResult();
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task ReviewThatWaitsForAServer_HasADeadline()
    {
        var clock = new ManualTimeProvider();
        using var revalidation = Start(_hanging, new RevalidationPolicy(StaleCutsConnections: false), _registry, clock);
        await OpenAsync("web");
        revalidation.ReviewAll();
        await _hanging.Asked.Reader.ReadAsync().AsTask().WaitAsync(Limit);

        clock.Advance(TimeSpan.FromSeconds(9));
        _hanging.Deadline.IsCancellationRequested.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));
        _hanging.Deadline.IsCancellationRequested.Should().BeTrue();

        _hanging.Release.SetResult();
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task PeerThatThePoliciesNoLongerAllow_IsCutWhileTheValidatorHangs()
    {
        using var revalidation = Start();
        var live = await OpenAsync("web");
        var request = new AuthorizationRequest(live.Peer.Identity, "amqp-in", method: null, target: null);
        live.Requests.Add(request, () => _closed.TrySetResult());
        _authorization.Decide(request).Permit.Should().NotBeNull();

        _authorization.Update(AuthorizationState.Compile(Allowing("users")));
        revalidation.ReviewAll();

        await _closed.Task.WaitAsync(Limit);
        _hanging.Release.SetResult();
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task PeerThatIsNoLongerExpected_IsClosedWhileTheValidatorHangs()
    {
        using var revalidation = Start();
        var live = await OpenAsync("web");

        live.Expect(PeerDialer.Expect([IdentityPattern.Parse("spiffe://foo.test/users")], "localhost"));
        revalidation.ReviewAll();

        await _closed.Task.WaitAsync(Limit);
        _hanging.Asked.Reader.TryPeek(out _).Should().BeFalse("nobody had to be asked");
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task ReloadBetweenRegistrationAndTheTunnel_ReachesTheConnection()
    {
        using var revalidation = Start();
        var started = SampleConfiguration.With(($"Tunnels:{Outbound}:PeerIdentities:0", "spiffe://foo.test/rabbit"));
        var changed = SampleConfiguration.With(($"Tunnels:{Outbound}:PeerIdentities:0", "spiffe://foo.test/other"));
        var tunnels = new TunnelSet(started.Options!.Tunnels);
        var tunnel = tunnels.All.Single(tunnel => tunnel.Name == Outbound);
        var reload = new ConfigurationReload(
            new Source(changed), started.Options, _authorization, (new Upstreams(started.Options.Outbound!.Upstreams), tunnels, _registry), revalidation);

        // Registered with its own last check behind it; the tunnel doesn't know of it yet.
        var live = await OpenAsync("rabbit", () => PeerDialer.Expect(tunnel.Options.PeerIdentities, "rabbit.internal"));
        (await reload.ReloadAsync(default)).Should().BeEmpty();

        await _closed.Task.WaitAsync(Limit);
        live.Expectation.IsMetBy(live.Peer.Identity).Should().BeFalse();
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task ConnectionThatIsSeenToBeRevoked_IsReviewedBeforeAllOthers()
    {
        var blocking = new BlockingValidator();
        using var revalidation = Start(blocking);
        for (var number = 0; number < (2 * Environment.ProcessorCount) + 20; number++)
        {
            await OpenAsync($"web-{number}");
        }

        await OpenAsync("revoked");

        revalidation.Review(
            static connections => connections.All,
            static connections => connections.All.Where(connection => connection.Peer.Identity.Name.EndsWith("revoked", StringComparison.Ordinal)));

        // Nobody's review has ended yet, so those that have begun are the first.
        await Eventually.HoldsAsync(() => blocking.Asked.Any(name => name.EndsWith("revoked", StringComparison.Ordinal)), "it is among the first");
        blocking.Release.Set();
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task DefectAtAReview_ClosesTheConnection()
    {
        using var revalidation = Start(new DefectiveValidator());
        await OpenAsync("web");

        revalidation.ReviewAll();

        await Eventually.HoldsAsync(() => _registry.All.Single().IsClosing, "what the defect hides may be anything");
        await revalidation.StopAsync(default);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CrlThatListsOnePeer_ReviewsOthersOnlyWhereDoubtCuts(bool staleCuts)
    {
        using var revalidation = Start(staleCuts: staleCuts);
        using var crls = new CrlStore(new TrustCrlOptions(), TimeProvider.System);
        crls.Changed += revalidation.Review;
        await OpenAsync("web");
        var users = await OpenAsync("users");

        crls.Load("file", new TestCrl { Entries = [new TestCrlEntry(users.Peer.Path.Leaf.SerialNumber.ToArray())] }.Sign(_root)).Should().BeNull();

        // All of one round have been asked about when the watch has ended.
        var asked = new List<string> { (await _hanging.Asked.Reader.ReadAsync().AsTask().WaitAsync(Limit)).Name };
        await revalidation.StopAsync(default);
        while (_hanging.Asked.Reader.TryRead(out var identity))
        {
            asked.Add(identity.Name);
        }

        string[] expected = staleCuts ? ["spiffe://foo.test/users", "spiffe://foo.test/web"] : ["spiffe://foo.test/users"];
        asked.Should().BeEquivalentTo(expected);
        _hanging.Release.SetResult();
    }

    [Fact]
    public async Task DeltaCrlWithoutTheLiftingOfAHold_ClosesThePeerThatIsOnHoldAgain()
    {
        using var crls = new CrlStore(new TrustCrlOptions(), TimeProvider.System);
        var local = new LocalCertificateValidator(new RevocationPolicy(RevocationMode.Leaf, UnknownStatusPolicy.Reject), [new CrlRevocationSource(crls)]);
        using var revalidation = Start(local);
        var live = await OpenAsync("web");
        var entry = new TestCrlEntry(live.Peer.Path.Leaf.SerialNumber.ToArray());
        crls.Load("complete", new TestCrl { Number = 5, Entries = [entry with { Reason = TestCrlEntry.CertificateHold }] }.Sign(_root)).Should().BeNull();
        crls.Load("delta", new TestCrl { Number = 6, BaseNumber = 5, Entries = [entry with { Reason = TestCrlEntry.RemoveFromCrl }] }.Sign(_root)).Should().BeNull();
        crls.Changed += revalidation.Review;

        // None of the CRLs that come lists the peer.
        crls.Load("delta", new TestCrl { Number = 7, BaseNumber = 5 }.Sign(_root)).Should().BeNull();

        await _closed.Task.WaitAsync(Limit);
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task CrlThatGrowsStaleRightAfterAReview_CutsWhereDoubtCuts()
    {
        var clock = new ManualTimeProvider();
        var end = clock.GetUtcNow().AddSeconds(5);
        using var crls = new CrlStore(new TrustCrlOptions(), clock);
        crls.Load("file", new TestCrl { NextUpdate = end }.Sign(_root)).Should().BeNull();
        var policy = new RevalidationPolicy(StaleCutsConnections: true);
        var registry = new ConnectionRegistry(policy);
        var local = new LocalCertificateValidator(new RevocationPolicy(RevocationMode.Leaf, UnknownStatusPolicy.Reject), [new CrlRevocationSource(crls)]);
        using var revalidation = Start(local, policy, registry, clock);
        var live = await OpenAsync("web", registry: registry);
        revalidation.ReviewAll();
        await Eventually.HoldsAsync(() => live.ReviewAt <= end, "the verdict rests on the CRL, which ends soon");

        clock.Advance(TimeSpan.FromSeconds(6));

        await _closed.Task.WaitAsync(Limit);
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task SourceThatAnswersForASecondAtATime_IsNotAskedAgainAtEveryEndWhereDoubtCuts()
    {
        var clock = new ManualTimeProvider();
        var opened = clock.GetUtcNow();
        var policy = new RevalidationPolicy(StaleCutsConnections: true);
        var registry = new ConnectionRegistry(policy);
        using var revalidation = Start(new ShortLivedValidator(), policy, registry, clock);
        var live = await OpenAsync("web", registry: registry);
        revalidation.ReviewAll();
        await Eventually.HoldsAsync(() => live.ReviewAt == opened.AddSeconds(1), "it may be a CRL that grows stale");

        clock.Advance(TimeSpan.FromSeconds(2));

        await Eventually.HoldsAsync(() => live.ReviewAt == opened.AddSeconds(2) + RevalidationPolicy.PauseWhereDoubtCuts, "the end before was none");
        await revalidation.StopAsync(default);
    }

    public void Dispose()
    {
        _root.Dispose();
        _services.Dispose();
    }

    private static AuthorizationOptions Allowing(string name) => SampleConfiguration
        .With(("Authorization:Policies:0:Name", "callers"), ("Authorization:Policies:0:Action", "Allow"), ("Authorization:Policies:0:Rules:0:From:0:Principals:0", $"spiffe://foo.test/{name}"))
        .Options!.Authorization;

    private ConnectionRevalidation Start(ICertificateValidator? validator = null, bool staleCuts = false)
        => Start(validator ?? _hanging, new RevalidationPolicy(staleCuts), _registry, TimeProvider.System);

    private ConnectionRevalidation Start(ICertificateValidator validator, RevalidationPolicy policy, ConnectionRegistry registry, TimeProvider clock)
    {
        ParsedCertificate.TryParse(_root.Certificate.RawDataMemory, out var anchor, out _).Should().BeTrue();
        var revalidation = new ConnectionRevalidation(
            registry,
            new PeerValidator(
                new AnchorSource([anchor!]), new CompositeCertificateValidator([validator]), Trust.Validation.ValidationOptions.Workload, clock),
            _authorization,
            policy,
            (_services.GetRequiredService<SidecarMetrics>(), clock, NullLogger<ConnectionRevalidation>.Instance));
        revalidation.StartAsync(default);
        return revalidation;
    }

    private async Task<LiveConnection> OpenAsync(string name, Func<PeerExpectation>? configured = null, ConnectionRegistry? registry = null)
    {
        using var certificate = _root.Issue(new IssueOptions { Uris = [$"spiffe://foo.test/{name}"] });
        var peer = await ValidatedPeers.ValidateAsync(_root, certificate);
        var live = new LiveConnection(
            configured is null ? ConnectionDirection.Inbound : ConnectionDirection.Outbound,
            configured is null ? "Inbound" : Outbound,
            null,
            (peer, configured?.Invoke() ?? PeerExpectation.AnyClient),
            (() => _closed.TrySetResult(), () => _closed.TrySetResult()))
        {
            IsTunnel = configured is not null,
            Configured = configured,
        };
        (registry ?? _registry).TryAdd(live, int.MaxValue).Should().BeTrue();
        return live;
    }

    /// <summary>Accepts whoever it is asked for, for a second.</summary>
    private sealed class ShortLivedValidator : ICertificateValidator
    {
        public string Name => "Short-lived";

        public long Generation => 0;

        public ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
            => new(new CertificateVerdict.Accepted(candidate.At.AddSeconds(1)));
    }

    /// <summary>Keeps its caller's thread until the test lets it go.</summary>
    private sealed class BlockingValidator : ICertificateValidator
    {
        public ConcurrentQueue<string> Asked { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public string Name => "Blocking";

        public long Generation => 0;

        public ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
        {
            Asked.Enqueue(candidate.Identity.Name);
            Release.Wait(cancellationToken);
            return new(new CertificateVerdict.Accepted(DateTimeOffset.MaxValue));
        }
    }

    private sealed class DefectiveValidator : ICertificateValidator
    {
        public string Name => "Defective";

        public long Generation => 0;

        public ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
            => throw new InvalidOperationException("defect");
    }

    private sealed class Source(SidecarOptionsResult result) : ISidecarOptionsSource
    {
        public IEnumerable<string> Files => [];

        public SidecarOptionsResult Load() => result;
    }
}
