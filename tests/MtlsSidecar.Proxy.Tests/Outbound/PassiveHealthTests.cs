using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Tests.Forwarding;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace MtlsSidecar.Proxy.Tests.Outbound;

/// <summary>What an upstream's destinations are held responsible for.</summary>
public sealed class PassiveHealthTests : IPassiveHealthCheckPolicy, IDisposable
{
    private readonly DefaultHttpContext _context = new();
    private readonly Exchange _exchange = Exchanges.Outbound();
    private readonly List<(string Destination, ForwarderError? Error)> _reported = [];

    public string Name => HealthCheckConstants.PassivePolicy.TransportFailureRate;

    [Fact]
    public async Task FailureOfTheDestination_IsReported()
    {
        await ForwardAsync(["https://one:1", "https://two:1"], ForwarderError.ResponseBodyDestination);

        _reported.Should().Equal(("https://one:1", ForwarderError.ResponseBodyDestination));
    }

    [Theory]
    [InlineData(ForwarderError.RequestBodyDestination, null)]
    [InlineData(ForwarderError.ResponseBodyDestination, ForwarderError.ResponseBodyDestination)]
    public async Task WholeAnswer_ForgivesWhatBecameOfTheRequestAndNothingElse(ForwarderError error, ForwarderError? reported)
    {
        await ForwardAsync(["https://one:1", "https://two:1"], error, _exchange.NoteEndOfAnswer);

        _reported.Should().Equal(("https://one:1", reported));
    }

    [Fact]
    public async Task AnswerBrokenOffWithItsRequest_IsReported()
    {
        await ForwardAsync(["https://one:1", "https://two:1"], ForwarderError.RequestBodyDestination);

        _reported.Should().Equal(("https://one:1", ForwarderError.RequestBodyDestination));
    }

    [Fact]
    public async Task AnswerOfAnotherThanTheChosenOne_GoesToItsAccount()
    {
        await ForwardAsync(["https://one:1", "https://two:1"], error: null, () => _exchange.Destination = new Destination("https://two:1"));

        _reported.Should().Equal(("https://two:1", null));
    }

    [Fact]
    public async Task NoneReached_StaysWithTheChosenOne()
    {
        await ForwardAsync(
            ["https://one:1", "https://two:1"],
            ForwarderError.Request,
            () => _exchange.Destination = new Destination("https://two:1"),
            new HttpRequestException(HttpRequestError.ConnectionError));

        _reported.Should().Equal(("https://one:1", ForwarderError.Request));
    }

    [Fact]
    public async Task OnlyDestination_IsNeverTakenOut()
    {
        await ForwardAsync(["https://one:1"], ForwarderError.ResponseBodyDestination);

        _reported.Should().BeEmpty();
    }

    void IPassiveHealthCheckPolicy.RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
        => _reported.Add((destination.DestinationId, context.GetForwarderErrorFeature()?.Error));

    public void Dispose() => _exchange.Dispose();

    private async Task ForwardAsync(string[] destinations, ForwarderError? error, Action? meanwhile = null, Exception? exception = null)
    {
        var all = destinations.Select(address => new DestinationState(address)).ToList();
        _exchange.AttachTo(_context);
        _context.Features.Set<IReverseProxyFeature>(new Feature(all) { ProxiedDestination = all[0] });
        await new PassiveHealth(this).InvokeAsync(_context, _ =>
        {
            meanwhile?.Invoke();
            _context.Features.Set<IForwarderErrorFeature>(error is null ? null : new Failure(error.Value, exception));
            return Task.CompletedTask;
        });
    }

    private sealed record Destination(string Address) : IForwardingDestination
    {
        public string? Peer => null;
    }

    private sealed record Failure(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;

    private sealed class Feature(IReadOnlyList<DestinationState> destinations) : IReverseProxyFeature
    {
        public RouteModel Route { get; } = new(new RouteConfig { RouteId = "orders", ClusterId = "orders" }, new ClusterState("orders"), HttpTransformer.Empty);

        public ClusterModel Cluster { get; set; } = null!;

        public IReadOnlyList<DestinationState> AllDestinations { get; } = destinations;

        public IReadOnlyList<DestinationState> AvailableDestinations { get; set; } = destinations;

        public DestinationState? ProxiedDestination { get; set; }
    }
}
